import { type Defaults, refuseUnknown } from '../foundation/options.js'
import type { ByVariant } from '../foundation/vocabulary.js'
import type { Guardrail } from '../guardrails/guardrail.js'
import { resolveGuardrails } from '../guardrails/resolve-guardrails.js'
import { readSummary } from '../summaries/read-summary.js'
import type { Summary } from '../summaries/summary.js'
import type { Judge, StepContext, Verdict } from './judge.js'
import { thresholdJudge } from './threshold-judge.js'

/** Options of `judgeOnce`. */
export interface JudgeOnceOptions extends ByVariant<Summary> {
  /** The guardrails that the canary is judged by. */
  readonly guardrails: readonly Guardrail[]
  /** The judge. @default thresholdJudge() */
  readonly judge?: Judge | undefined
  /** The place in a rollout at which the summaries are judged. @default the first step, at 50 % */
  readonly context?: Partial<Omit<StepContext, 'guardrails'>> | undefined
  /** The time in which the summaries were gathered, in milliseconds. @default 0 */
  readonly elapsedMs?: number | undefined
}

/** What an option is if it is not given. */
const JUDGE_ONCE_DEFAULTS = { elapsedMs: 0 } as const satisfies Defaults<JudgeOnceOptions>

const ONE_STEP: Required<Omit<StepContext, 'guardrails'>> = {
  epoch: 1,
  step: 1,
  stepsLeft: 0,
  weight: 50,
  phase: 'step',
  calibration: {},
  isOneProcess: false,
}

/**
 * Returns the verdict on two summaries, without a rollout: for a script, a notebook or a test.
 *
 * Throws `INVALID_SUMMARY`, `UNKNOWN_OPTION` and the errors of `resolveGuardrails`.
 *
 * @example
 * const verdict = judgeOnce({ baseline, canary, guardrails: [errorRate({ margin: 0.02 })] })
 * console.log(verdict.kind, verdict.checks[0]?.reason)
 */
export function judgeOnce(options: JudgeOnceOptions): Verdict {
  refuseUnknown('judgeOnce', options, { baseline: 1, canary: 1, guardrails: 1, judge: 1, context: 1, elapsedMs: 1 })
  const { judge = thresholdJudge(), context: place = {}, elapsedMs = JUDGE_ONCE_DEFAULTS.elapsedMs } = options
  refuseUnknown('judgeOnce.context', place, ONE_STEP)
  const context = { ...ONE_STEP, ...place, guardrails: resolveGuardrails(options.guardrails) }
  const block = { baseline: readSummary(options.baseline), canary: readSummary(options.canary), elapsedMs }
  return judge.decide(judge.update(judge.open(undefined, context), block, context), context, elapsedMs)
}
