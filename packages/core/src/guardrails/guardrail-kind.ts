import type { ByVariant } from '../foundation/vocabulary.js'
import type { Summary } from '../summaries/summary.js'
import type { ArmComparison } from './arm-comparison.js'
import type { GuardrailBase } from './guardrail-options.js'
import type { Hypothesis } from './hypothesis.js'

/** The values that a kind takes from the baseline's history once, for the whole rollout. Plain JSON. */
export type Thresholds = object

/** The definition of one kind of guardrail. It is in one file of `kinds/`, and `kinds.ts` lists it. */
export interface GuardrailKind<G extends GuardrailBase, T extends Thresholds = Thresholds> {
  /** Makes a guardrail of plain data, such as an entry of a JSON file without its `kind`. */
  make(options: never): G
  /**
   * Returns its weight in the combined evidence, before the weights of all guardrails that roll back are scaled to sum
   * to 1.
   */
  priority(guardrail: G): number
  /**
   * What a cold canary does to it. `slow` and `slow tail`: it is slower, on the whole or now and then, and the
   * guardrail is not judged during the warm-up. `late`: some answers come after the overdue line. `nothing`: a cold
   * canary is as good as a warm one.
   */
  readonly whenCold: 'nothing' | 'late' | 'slow' | 'slow tail'
  /** Whether its hypotheses are about the classes of one distribution. */
  readonly hasClasses: boolean
  /** Returns the absolute limit, or `null` if there is none. */
  limitOf(guardrail: G): number | null
  /** Compares the summaries of both arms, for the threshold judge: figures only, no judgement. */
  compareArms(guardrail: G, arms: ByVariant<Summary>): ArmComparison
  /** Returns the thresholds that follow from the baseline's history, or `null` if the history says too little yet. */
  thresholdsOf(guardrail: G, history: Summary): T | null
  /**
   * Returns whether the thresholds are only those that need no history, so that the history may add hypotheses to those
   * that are tested already; left out if they never are.
   */
  isPartial?(guardrail: G, thresholds: T): boolean
  /** Returns what is said in every check, such as what cannot be judged; left out if there is nothing to say. */
  noteOf?(guardrail: G, thresholds: T): string | undefined
  /**
   * Returns what the evidence judge tests. The parts of the hypotheses sum to 1, or to less as long as the thresholds
   * are partial: the rest is for the hypotheses to come.
   */
  hypothesesOf(guardrail: G, thresholds: T): readonly Hypothesis[]
}
