import type { Decision } from '../../rollout/decision.js'

/**
 * The latest decision that a client has seen. A sequence alone is not enough: after a store was emptied or restored,
 * another decision has it.
 */
export interface EventCursor {
  /** 0 before the first decision. */
  readonly sequence: number
  /** Wall time, in milliseconds since 1970. */
  readonly at: number
}

/** A decision that no history has. */
export const UNKNOWN: EventCursor = { sequence: -1, at: 0 }

const BEGINNING: EventCursor = { sequence: 0, at: 0 }

/** Returns the cursor of the newest decision of a history, which has the newest first. */
export const newestOf = ([newest]: readonly Decision[]): EventCursor => newest ?? BEGINNING

/** Returns a cursor as the id of an event. */
export const eventIdOf = ({ sequence, at }: EventCursor): string => `${sequence}-${at}`

/** Returns the cursor that an id stands for; `undefined` if it is not one of ours. */
export function cursorOf(id: string): EventCursor | undefined {
  const [, sequence, at] = /^(\d{1,15})-(\d{1,15})$/.exec(id.slice(0, LONGEST_ID)) ?? []
  return sequence === undefined ? undefined : { sequence: Number(sequence), at: Number(at) }
}

/** Longer than any id of ours, in UTF-16 units. */
const LONGEST_ID = 40

/**
 * Returns the decisions after a cursor, oldest first. `undefined` if the history, newest first, no longer leads back to
 * it.
 */
export function decisionsAfter(
  history: readonly Decision[],
  { sequence, at }: EventCursor,
): readonly Decision[] | undefined {
  if (sequence === 0) return (history.at(-1)?.sequence ?? 1) === 1 ? history.toReversed() : undefined
  const index = history.findIndex((decision) => decision.sequence === sequence && decision.at === at)
  return index < 0 ? undefined : history.slice(0, index).reverse()
}
