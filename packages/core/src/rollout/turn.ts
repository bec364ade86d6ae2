import type { Block, StepContext } from '../judging/judge.js'

/** Blocks as they came to the judge, and the evidence before them: enough to say the same once more. */
export interface Turn {
  readonly context: StepContext
  readonly evidence: unknown
  readonly blocks: readonly Block[]
  /** Time in the step when the verdict was asked for, in milliseconds. */
  readonly elapsedInStepMs: number
}
