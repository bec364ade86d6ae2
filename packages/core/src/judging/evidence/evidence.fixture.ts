import { type ArmStory, arm } from '../../guardrails/arm.fixture.js'
import type { Guardrail } from '../../guardrails/guardrail.js'
import type { Hypothesis } from '../../guardrails/hypothesis.js'
import { type Moments, noMoments } from '../../statistics/moments.js'
import type { Block, Check, StepContext } from '../judge.js'
import { type BaselineHistory, learnWindow, noHistory } from './baseline-history.js'
import { startCapped } from './capped-evidence.js'
import { logCombinedEvidence, logHarmTerms } from './combined-evidence.js'
import { beginEvidence, type Evidence } from './evidence.js'
import { evidenceCheck } from './evidence-check.js'
import { type EProcesses, type HypothesisState, startHypothesis } from './hypothesis-state.js'
import { resolvePolicy } from './policy.js'

/** The policy of a judge that was given no options. */
export const policy = resolvePolicy()

/** Returns a context: by default the first step, at 10 %, with four steps left. */
export function contextOf(guardrails: readonly Guardrail[], rest: Partial<StepContext> = {}): StepContext {
  return {
    guardrails,
    epoch: 1,
    step: 1,
    stepsLeft: 4,
    weight: 10,
    phase: 'step',
    calibration: {},
    ...rest,
  }
}

/** Returns a block from what the arms did in it. */
export function blockOf(baseline: ArmStory, canary: ArmStory, elapsedMs = 15_000): Block {
  return { baseline: arm(baseline), canary: arm(canary), elapsedMs }
}

/** A window of the baseline: one request in a hundred fails, and one in ten is slow. */
export const ordinary: ArmStory = {
  requests: 900,
  errors: 9,
  slow: [90, 200],
  predictions: { cat: 540, dog: 360 },
  score: { count: 900, sum: 450, sumOfSquares: 261 }, // mean ½, variance 0.04
  metrics: { conversion: { count: 900, sum: 180, sumOfSquares: 180 } },
}

/** The same rates in a canary with a tenth of all requests. */
export const alike: ArmStory = {
  requests: 100,
  errors: 1,
  slow: [10, 200],
  predictions: { cat: 60, dog: 40 },
  score: { count: 100, sum: 50, sumOfSquares: 29 },
  metrics: { conversion: { count: 100, sum: 20, sumOfSquares: 20 } },
}

/** Returns the history of a baseline that was watched for a number of windows before the rollout. */
export function historyOf(
  guardrails: readonly Guardrail[],
  windows = 60,
  story: (window: number) => ArmStory = () => ordinary,
): BaselineHistory {
  let baselineHistory = noHistory()
  for (let window = 0; window < windows; window += 1)
    baselineHistory = learnWindow(baselineHistory, arm(story(window)), guardrails)
  return baselineHistory
}

/** Returns a state with the given members, and otherwise as at its start. */
export function stateOf(hypothesis: Hypothesis, rest: Partial<HypothesisState> = {}): HypothesisState {
  return { ...startHypothesis(hypothesis, noMoments), ...rest }
}

/** Returns the moments of a number of hits among trials. */
export const yes = (sum: number, count: number): Moments => ({ count, sum, sumOfSquares: sum })

/** Draws a binomial number by inversion: exact for `n·p` below 600. */
export function binomial(random: () => number, n: number, p: number): number {
  if (p > 0.5) return n - binomial(random, n, 1 - p)
  const odds = p / (1 - p)
  let chance = (1 - p) ** n
  let left = random()
  let x = 0
  while (left > chance && x < n) {
    left -= chance
    chance *= (odds * (n - x)) / (x + 1)
    x += 1
  }
  return x
}

/** Returns a limit for a rate that is estimated from repetitions: the true `rate` and three standard errors. */
export const atMost = (rate: number, repetitions: number): number =>
  rate + 3 * Math.sqrt((rate * (1 - rate)) / repetitions)

/** Returns both processes of harm with the same evidence. */
export const harmBy = (inferiority: readonly number[]): Pick<EProcesses, 'inferiority' | 'capped'> => ({
  inferiority,
  capped: startCapped(inferiority),
})

/** The logarithms of made-up evidence, by guardrail, the same for every alternative and side. */
export interface Said {
  readonly harm?: readonly number[]
  readonly safety?: readonly number[]
  readonly fresh?: readonly number[]
  /** @default 1, of every guardrail */
  readonly dispersion?: number
  readonly rest?: Partial<Evidence>
}

/** Returns the states of all hypotheses, by guardrail. */
export const statesOf = ({ guardrails }: Evidence): readonly (readonly HypothesisState[])[] =>
  guardrails.map(({ hypotheses }) => hypotheses)

/** Returns the evidence with changed states of its hypotheses. */
export const withStates = (
  evidence: Evidence,
  change: (state: HypothesisState, hypothesis: number, guardrail: number) => HypothesisState,
): Evidence => ({
  ...evidence,
  guardrails: evidence.guardrails.map((guardrail, at) => ({
    ...guardrail,
    hypotheses: guardrail.hypotheses.map((state, index) => change(state, index, at)),
  })),
})

/** Returns the check of the first guardrail. */
export const firstCheck = (evidence: Evidence, context: StepContext, by = policy): Check => {
  const all = { evidence, harmTerms: logHarmTerms(evidence, context.guardrails) }
  return evidenceCheck(context.guardrails[0]!, evidence.guardrails[0]!, all, context, by)
}

/** Histories by their guardrails, since many tests need the same. */
const histories = new Map<string, BaselineHistory>()

/**
 * Evidence of a step in which enough was seen, and in which nothing but the safety of the canary was, unless told
 * otherwise.
 */
export function evidenceOf(
  context: StepContext,
  { harm = [], safety = [], fresh = [], dispersion = 1, rest }: Said = {},
): Evidence {
  const { guardrails } = context
  const form = JSON.stringify(guardrails)
  const baselineHistory = histories.get(form) ?? historyOf(guardrails)
  histories.set(form, baselineHistory)
  const calibration = { ...context.calibration, baselineHistory }
  const started = beginEvidence({ ...context, calibration }, policy)
  const noisy = { whole: dispersion, trimmed: dispersion }
  const counts = { baseline: 900, canary: 100 }
  const saidOf = (
    { inferiority, nonInferiority: safeties, nonInferiorityInStep: own }: EProcesses,
    at: number,
  ): EProcesses => ({
    ...harmBy(inferiority.map(() => harm[at] ?? Math.log(0.5))),
    nonInferiority: safeties.map(() => safety[at] ?? 20),
    nonInferiorityInStep: own.map(() => fresh[at] ?? 10),
  })
  const requests = { begun: counts, ended: counts, accounted: counts, answered: 100 }
  const told = withStates(started, (state, _, at) => ({
    ...state,
    dispersion: noisy,
    sides: state.sides.map((side) => saidOf(side, at)),
  }))
  const seen = { ...told, elapsedMs: 300_000, stepElapsedMs: 60_000, ...requests }
  return { ...seen, combinedEvidence: logCombinedEvidence(seen, guardrails), ...rest }
}
