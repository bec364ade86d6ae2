/**
 * Whether callers got an answer: cumulative counts, mergeable by addition. Plain JSON.
 *
 * A call is *decided* once: when its caller gets the first output, when it ends without one, or when it has been open
 * for longer than the overdue line. A decided call without an output is *unanswered*, also if it answers later.
 */
export interface AnswerCounts {
  readonly decided: number
  /** Of the decided calls, those that brought their callers nothing. */
  readonly unanswered: number
  /** Of the unanswered calls, those that have ended without an answer; the others are open, or answered late. */
  readonly ended: number
  /** Calls whose client left before most answers of the baseline come. They are not decided. */
  readonly leftEarly: number
}

const NAMES = ['decided', 'unanswered', 'ended', 'leftEarly'] as const satisfies readonly (keyof AnswerCounts)[]

/** No calls. */
export const noAnswers: AnswerCounts = /* @__PURE__ */ Object.freeze({
  decided: 0,
  unanswered: 0,
  ended: 0,
  leftEarly: 0,
})

/** One number for each count. */
export function answersOf(count: (name: keyof AnswerCounts) => number): AnswerCounts {
  const [decided, unanswered, ended, leftEarly] = NAMES
  return { decided: count(decided), unanswered: count(unanswered), ended: count(ended), leftEarly: count(leftEarly) }
}

/** Both together. */
export function addAnswers(a: AnswerCounts, b: AnswerCounts): AnswerCounts {
  return answersOf((name) => a[name] + b[name])
}

/** What was counted since `before`, or `undefined` where a count fell. */
export function subtractAnswers(now: AnswerCounts, before: AnswerCounts): AnswerCounts | undefined {
  const since = answersOf((name) => now[name] - before[name])
  return NAMES.some((name) => since[name] < 0) ? undefined : since
}
