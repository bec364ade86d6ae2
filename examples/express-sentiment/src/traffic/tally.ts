import type { Label } from '../models/model.js'

/** The result of one request: an answer and its version, or the reason why there is none. */
export type Reply = { readonly prediction: Label; readonly version: string } | { readonly failure: string }

/** What the callers saw, counted at the client. */
export interface Tally {
  readonly sent: number
  readonly underWay: number
  readonly answered: number
  readonly failed: number
  readonly lastFailure: string | null
  /** Not sent, because too many were unanswered. */
  readonly heldBack: number
  /** Answers by version, and how many were right. */
  readonly byVersion: Readonly<Record<string, { readonly answers: number; readonly right: number }>>
}

/** Before the first request. */
export const emptyTally: Tally = Object.freeze({
  sent: 0,
  underWay: 0,
  answered: 0,
  failed: 0,
  lastFailure: null,
  heldBack: 0,
  byVersion: {},
})

/** Counts one sent request. */
export function withSent(tally: Tally): Tally {
  return { ...tally, sent: tally.sent + 1, underWay: tally.underWay + 1 }
}

/** Counts one reply, for a text whose true class is `label`. */
export function withReply(tally: Tally, reply: Reply, label: Label): Tally {
  const underWay = tally.underWay - 1
  if ('failure' in reply) return { ...tally, underWay, failed: tally.failed + 1, lastFailure: reply.failure }
  const { answers, right } = tally.byVersion[reply.version] ?? { answers: 0, right: 0 }
  const counted = { answers: answers + 1, right: right + (reply.prediction === label ? 1 : 0) }
  return {
    ...tally,
    underWay,
    answered: tally.answered + 1,
    byVersion: { ...tally.byVersion, [reply.version]: counted },
  }
}
