/** Where a steady stream of requests stands. */
export interface Flow {
  readonly elapsedMs: number
  /** Requests a second. */
  readonly rate: number
  /** Requests sent or held back so far. */
  readonly counted: number
  readonly underWay: number
  /** The most that may be under way at once. */
  readonly mostUnderWay: number
}

/** How many requests to send now, and how many to give up because too many are unanswered. */
export function requestsDue({ elapsedMs, rate, counted, underWay, mostUnderWay }: Flow): {
  readonly send: number
  readonly holdBack: number
} {
  const due = Math.max(0, Math.floor((elapsedMs * rate) / 1_000) - counted)
  const send = Math.min(due, Math.max(0, mostUnderWay - underWay))
  return { send, holdBack: due - send }
}
