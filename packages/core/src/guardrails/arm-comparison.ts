import type { ByVariant } from '../foundation/vocabulary.js'
import type { Moments } from '../statistics/moments.js'
import type { Unit } from './figures.js'

/** What two summaries say about one guardrail: figures only, no judgement. */
export interface ArmComparison {
  /** What was measured, as a sentence begins: "error rate", "p99 latency". */
  readonly subject: string
  /** What the samples are, in the plural: "requests", "predictions". */
  readonly counted: string
  readonly unit: Unit
  /** Which way is worse; `move` is either way. */
  readonly harm: 'rise' | 'fall' | 'move'
  /** Each arm's value in the guardrail's own unit; `null` where there is no data. */
  readonly baseline: number | null
  readonly canary: number | null
  /** How much worse the canary is, so that positive is harm; `null` where an arm has no data. */
  readonly difference: number | null
  readonly margin: number
  readonly limit: number | null
  readonly samples: ByVariant<number>
  /** What a significance test takes, turned so that harm is a rise; `null` where none applies. */
  readonly moments: ByVariant<Moments> | null
  /** Of how many one-sided comparisons this one was picked as the worst. */
  readonly comparisons: number
}
