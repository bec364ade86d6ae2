import type { DemoOptions } from '../arguments.js'
import type { Tally } from '../traffic/tally.js'
import type { Report } from '../watch.js'

/** Everything that is shown at one time. Plain data. */
export interface Snapshot extends Report {
  readonly options: DemoOptions
  readonly origin: string
  /** Wall time of the start, in milliseconds since 1970. */
  readonly startedAt: number
  readonly elapsedMs: number
  readonly traffic: Tally
}
