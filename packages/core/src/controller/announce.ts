import type { News } from '../rollout/news.js'
import type { Events } from '../runtime/events.js'

/** Tells of a new weight and of an end, whoever on whichever replica decided it. */
export function announce(events: Events, news: readonly News[]): void {
  for (const { type, event } of news) events.emit(type, event)
}
