/**
 * Cumulative counts of whether callers got an answer, mergeable by addition. Plain JSON.
 *
 * A call is *decided* once: when its caller gets the first output, when it ends without one, or when it has been open
 * for too long (overdue). A decided call without an output is *unanswered*, also if it answers later.
 */
export interface AnswerCounts {
  /** Calls of which it is known whether they were answered. */
  readonly decided: number
  /** The decided calls whose callers got no output. */
  readonly unanswered: number
  /** The unanswered calls that ended without an answer; the others are pending or were answered late. */
  readonly ended: number
  /** Calls whose client left before most answers of the baseline come. They are not decided. */
  readonly leftEarly: number
}

const NAMES = ['decided', 'unanswered', 'ended', 'leftEarly'] as const satisfies readonly (keyof AnswerCounts)[]

/** Counts without calls. */
export const noAnswers: AnswerCounts = /* @__PURE__ */ Object.freeze({
  decided: 0,
  unanswered: 0,
  ended: 0,
  leftEarly: 0,
})

/** Creates counts from one number per name. */
export function answersOf(count: (name: keyof AnswerCounts) => number): AnswerCounts {
  return {
    decided: count('decided'),
    unanswered: count('unanswered'),
    ended: count('ended'),
    leftEarly: count('leftEarly'),
  }
}

/** Returns the sum of two counts. */
export function addAnswers(a: AnswerCounts, b: AnswerCounts): AnswerCounts {
  return answersOf((name) => a[name] + b[name])
}

/** Returns the counts since `before`, or `undefined` if a count fell. */
export function subtractAnswers(now: AnswerCounts, before: AnswerCounts): AnswerCounts | undefined {
  const since = answersOf((name) => now[name] - before[name])
  return NAMES.some((name) => since[name] < 0) ? undefined : since
}
