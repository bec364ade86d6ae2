import type { ByVariant } from '../foundation/vocabulary.js'
import { valueIn } from '../guardrails/figures.js'
import type { Guardrail } from '../guardrails/guardrail.js'
import { isOfLatency } from '../guardrails/kind-of.js'
import { emptySummary, type Summary } from '../summaries/summary.js'
import { valuesOf } from './no-values.js'

/** From this many values of the baseline on, and as many to be expected of the canary, they are compared. */
const ENOUGH = 30

/** The canary has few values if its answers have one less than this many times as often as the baseline's. */
const FEW = 0.5

/**
 * Says which guardrails have far fewer values of the canary than of the baseline, in proportion to their answers;
 * `undefined` for none. Such a guardrail compares a part of the canary's answers only, and the others may be worse.
 *
 * @param counted what was counted in this step
 */
export function fewValues(guardrails: readonly Guardrail[], counted: ByVariant<Summary> | null): string | undefined {
  if (counted === null) return undefined
  const told = guardrails
    .filter(({ severity }) => severity !== 'observe')
    .flatMap((guardrail) => tell(guardrail, counted))
  return told.length === 0 ? undefined : told.join('; ')
}

function tell(guardrail: Guardrail, counted: ByVariant<Summary>): readonly string[] {
  const [baseline, canary] = [coverageOf(guardrail, counted.baseline), coverageOf(guardrail, counted.canary)]
  if (baseline === undefined || canary === undefined || baseline.values < ENOUGH) return []
  const expected = (canary.answers * baseline.values) / baseline.answers
  if (expected < ENOUGH || canary.values >= FEW * expected) return []
  return [
    `${guardrail.name}: ${percent(canary)} of the canary's answers have a value, and ${percent(baseline)} of the baseline's`,
  ]
}

interface Coverage {
  readonly answers: number
  readonly values: number
}

/** Returns how many answers there are, and how many values; `undefined` if no values are read from them. */
function coverageOf(guardrail: Guardrail, summary: Summary): Coverage | undefined {
  const whole = { ...emptySummary(), ...summary } // a source may leave fields out
  const values = isOfLatency(guardrail) ? undefined : valuesOf(guardrail, whole) // the library measures latencies itself
  return values === undefined ? undefined : { answers: whole.outcomes.success, values }
}

const percent = ({ answers, values }: Coverage): string => valueIn('share', values / answers)
