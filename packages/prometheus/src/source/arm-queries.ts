/**
 * How a cumulative count is found. Text is a plain selector of raw counters, such as
 * `http_requests_total{version="v2"}`: every reset of every series is seen, and the counts are exact.
 * Several selectors are added up; no series may match two of them.
 *
 * An `expression` is any PromQL that yields one series that only rises. What a counter inside of it did when it
 * began again cannot be told, so that the time in which it falls is left out; take a selector wherever there is one.
 */
export type CounterQuery =
  | string
  | readonly string[]
  | {
      readonly expression: string
      /**
       * How far apart the expression is evaluated, in milliseconds. Not less than the interval at which its counters
       * are scraped: every counter is to have moved on between two evaluations. @default 15_000
       */
      readonly resolutionMs?: number
    }

/** Count, sum and sum of squares of a quantity: three selectors whose series differ in nothing but the name. */
export interface MomentQueries {
  readonly count: string
  readonly sum: string
  /** Without it every value is taken to be 0 or 1, as of a yes/no metric. */
  readonly squares?: string
}

/** A classic histogram of durations. */
export interface DurationQueries {
  /** Selects the series whose name ends in `_bucket`. */
  readonly buckets: string
  /** Selects the exact sum. Without it the sum is that of the buckets' middles. */
  readonly sum?: string
  /** Selects a sum of squared durations. Without it that of the buckets' middles, brought to the exact sum. */
  readonly squares?: string
  /** @default 's' */
  readonly unit?: 's' | 'ms'
}

/** Counters of predictions, a series for each class. */
export interface PredictionQueries {
  readonly selector: string
  /** The label whose value is the class. */
  readonly label: string
  /** The value that stands for all classes without a series of their own. */
  readonly other?: string
}

/** What one arm's counts are made of. What is not asked for cannot be judged. */
export interface ArmQueries {
  /** Every finished request, whatever came of it. */
  readonly requests: CounterQuery
  /** Those that failed, timeouts left out. */
  readonly errors?: CounterQuery
  /** Failed requests that `requests` does not select, since none of this version's pods ever saw them: each is one request more, and one error. */
  readonly unreached?: CounterQuery
  readonly timeouts?: CounterQuery
  /** Those whose client went away. */
  readonly aborted?: CounterQuery
  /** Calls that were answered, ended without an answer, or were open for too long: each once. Goes with `unanswered`. */
  readonly decided?: CounterQuery
  /** Of the decided calls, those that brought their callers nothing. */
  readonly unanswered?: CounterQuery
  /** Durations, of finished requests that were not aborted. */
  readonly durations?: DurationQueries
  readonly predictions?: PredictionQueries
  /**
   * Selects gauges that say since when a process counts, in seconds since 1970: asked where a series comes into sight
   * that nobody saw begin. @default `process_start_time_seconds` of the same `instance`, or `pod`
   */
  readonly startTimes?: string
  readonly score?: MomentQueries
  /** Business metrics by name. */
  readonly metrics?: Readonly<Record<string, MomentQueries>>
}
