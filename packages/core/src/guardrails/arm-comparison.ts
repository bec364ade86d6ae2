import type { ByVariant } from '../foundation/vocabulary.js'
import type { Moments } from '../statistics/moments.js'
import type { Unit } from './figures.js'

/** The figures of one guardrail in the summaries of both arms, without a judgement. */
export interface ArmComparison {
  /** The statistic, for messages: "error rate", "p99 latency". */
  readonly subject: string
  /** The samples, in the plural: "requests", "predictions". */
  readonly counted: string
  readonly unit: Unit
  /** The direction that is harm; `move` is both. */
  readonly harm: 'rise' | 'fall' | 'move'
  /** Each arm's value in the guardrail's own unit; `null` without data. */
  readonly baseline: number | null
  readonly canary: number | null
  /** How much worse the canary is: a positive difference is harm. `null` if an arm has no data. */
  readonly difference: number | null
  readonly margin: number
  readonly limit: number | null
  readonly samples: ByVariant<number>
  /** The input of a significance test, with signs such that harm is a rise; `null` if no test applies. */
  readonly moments: ByVariant<Moments> | null
  /** The number of one-sided comparisons of which this is the worst. */
  readonly comparisons: number
}
