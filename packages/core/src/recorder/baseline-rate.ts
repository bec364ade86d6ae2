/** The error rate of the baseline, as the reference for the canary's. */
export interface BaselineRate {
  /** All requests and errors so far. */
  readonly total: { readonly seen: number; readonly errors: number }
  /** Takes one finished request: 1 for an error, 0 for a success. */
  record(isError: number): void
  /** Returns the rate of about the last 4,000 requests, of which recent ones weigh most; 0 while there is none. */
  usual(): number
  /** Returns the rate since `total` had these values; 0 if there was no request since. */
  since(seen: number, errors: number): number
}

/** At this number of requests all counts are halved, so that old requests lose weight. */
const MEMORY = 4_000

/** Creates a rate without requests. */
export function createBaselineRate(): BaselineRate {
  const total = { seen: 0, errors: 0 }
  let seen = 0
  let errors = 0

  return {
    total,
    record(isError) {
      if (seen >= MEMORY) {
        seen /= 2
        errors /= 2
      }
      seen += 1
      errors += isError
      total.seen += 1
      total.errors += isError
    },
    usual: () => (seen === 0 ? 0 : errors / seen),
    since: (seenThen, errorsThen) =>
      total.seen === seenThen ? 0 : (total.errors - errorsThen) / (total.seen - seenThen),
  }
}
