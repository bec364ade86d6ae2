import type { News } from '../rollout/news.js'
import type { Events } from '../runtime/events.js'

/** Emits the events about a new weight or an end, regardless of which replica decided it. */
export function announce(events: Events, news: readonly News[]): void {
  for (const { type, event } of news) events.emit(type, event)
}
