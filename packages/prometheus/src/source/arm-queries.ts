/**
 * How to read a cumulative count. A string is a selector of raw counters, such as `http_requests_total{version="v2"}`:
 * every reset of every series is seen, and the counts are exact. Several selectors are added up; no series may match
 * two of them.
 *
 * An `expression` is PromQL that yields one rising series. Resets of the counters inside it cannot be reconstructed, so
 * a period in which it falls is excluded. Use a selector if there is one.
 */
export type CounterQuery =
  | string
  | readonly string[]
  | {
      /** The PromQL expression. */
      readonly expression: string
      /**
       * The interval between two evaluations, in milliseconds. It must not be shorter than the scrape interval of the
       * counters, so that every counter has a new sample at each evaluation. @default 15_000
       */
      readonly resolutionMs?: number
    }

/** Count, sum and sum of squares of a quantity: three selectors whose series differ only in their names. */
export interface MomentQueries {
  /** Selects the number of values. */
  readonly count: string
  /** Selects the sum of the values. */
  readonly sum: string
  /** Selects the sum of the squared values. @default every value is 0 or 1, as in a yes/no metric */
  readonly squares?: string
}

/** A classic histogram of durations. */
export interface DurationQueries {
  /** Selects the series whose name ends in `_bucket`. */
  readonly buckets: string
  /** Selects the exact sum. @default computed from the buckets' midpoints */
  readonly sum?: string
  /** Selects the sum of the squared durations. @default computed from the buckets' midpoints and the exact sum */
  readonly squares?: string
  /** The unit of the durations. @default 's' */
  readonly unit?: 's' | 'ms'
}

/** Counters of predictions, one series for each class. */
export interface PredictionQueries {
  /** Selects the counters. */
  readonly selector: string
  /** The label whose value is the class. */
  readonly label: string
  /** The value that stands for all classes without their own series. */
  readonly other?: string
}

/** The queries for one arm's counts. Guardrails can only be judged on counts that have a query. */
export interface ArmQueries {
  /** Finished requests with any outcome. */
  readonly requests: CounterQuery
  /** Failed requests, without timeouts. */
  readonly errors?: CounterQuery
  /** Failed requests that never reached a pod and that `requests` does not select. Each adds one failed request. */
  readonly unreached?: CounterQuery
  /** Requests that timed out. */
  readonly timeouts?: CounterQuery
  /** Requests whose client left. */
  readonly aborted?: CounterQuery
  /** Calls that were answered, ended without an answer, or became overdue. Each counts once. Needs `unanswered`. */
  readonly decided?: CounterQuery
  /** Decided calls whose callers got no answer. Needs `decided`. */
  readonly unanswered?: CounterQuery
  /** The durations of finished requests that were not aborted. */
  readonly durations?: DurationQueries
  /** Predictions by class. */
  readonly predictions?: PredictionQueries
  /**
   * Selects gauges with the time at which a process started to count, in seconds since 1970. It is queried if a series
   * appears whose start was not observed. @default `process_start_time_seconds` of the same `instance`, or `pod`
   */
  readonly startTimes?: string
  /** The scores of the model. */
  readonly score?: MomentQueries
  /** Business metrics by name. */
  readonly metrics?: Readonly<Record<string, MomentQueries>>
}
