import type { Events } from '../events.js'
import type { News } from './news.js'

/** Tells of a new weight and of an end, whoever on whichever replica decided it. */
export function announce(events: Events, news: readonly News[]): void {
  for (const { type, event } of news) events.emit(type, event)
}
