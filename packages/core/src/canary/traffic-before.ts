import type { ExpectedTraffic } from '../rollout/expected-time.js'
import type { Clock } from '../runtime/clock.js'
import { answeredOf, finishedOf, type Summary } from '../summaries/summary.js'

/** The baseline's traffic in this process while it serves alone. */
export interface TrafficBefore {
  /** Counts a finished window of the baseline. Call it at the end of the window. */
  add(window: Summary): void
  /** Returns the average so far; `undefined` if it is not known yet. */
  read(): ExpectedTraffic | undefined
}

/** The traffic is known once it was seen for so long and with so many requests. */
const KNOWN = { afterMs: 600_000, requests: 10 }

/** The error rate that is assumed before there are requests, and the number of requests that it is worth. */
const ASSUMED = { errorRate: 0.01, requests: 100 }

/** No plan is estimated for a higher error rate. */
const HIGHEST_ERROR_RATE = 0.499

/**
 * Creates a count of traffic that begins at the end of the first window, so that neither the time before the first
 * request nor a window that was cut off is counted. Windows are ended by a request, so each lasts until the next one.
 */
export function createTrafficBefore(clock: Pick<Clock, 'elapsed'>): TrafficBefore {
  let firstAt: number | undefined
  let lastAt = 0
  let requests = 0
  let answered = 0
  let errors = 0

  return {
    add(window) {
      lastAt = clock.elapsed()
      if (firstAt === undefined) {
        firstAt = lastAt
        return
      }
      requests += finishedOf(window)
      answered += answeredOf(window)
      errors += window.outcomes.error + window.outcomes.timeout
    },
    read() {
      const spanMs = lastAt - (firstAt ?? lastAt)
      if (spanMs < KNOWN.afterMs || requests < KNOWN.requests) return undefined
      const rate = (errors + ASSUMED.errorRate * ASSUMED.requests) / (answered + ASSUMED.requests)
      return { requestsPerSecond: (1_000 * requests) / spanMs, errorRate: Math.min(rate, HIGHEST_ERROR_RATE) }
    },
  }
}
