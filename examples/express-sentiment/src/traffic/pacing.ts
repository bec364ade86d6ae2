/** The state of a steady stream of requests. */
export interface Flow {
  readonly elapsedMs: number
  /** Requests a second. */
  readonly rate: number
  /** The number of requests sent or dropped so far. */
  readonly counted: number
  readonly underWay: number
  /** The maximum number of open requests. */
  readonly mostUnderWay: number
}

/** Returns how many requests to send now, and how many to drop because too many are unanswered. */
export function requestsDue({ elapsedMs, rate, counted, underWay, mostUnderWay }: Flow): {
  readonly send: number
  readonly holdBack: number
} {
  const due = Math.max(0, Math.floor((elapsedMs * rate) / 1_000) - counted)
  const send = Math.min(due, Math.max(0, mostUnderWay - underWay))
  return { send, holdBack: due - send }
}
