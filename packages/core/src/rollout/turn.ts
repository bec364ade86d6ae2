import type { Block, StepContext } from '../judging/judge.js'

/** Blocks as they came to the judge, and the evidence before them: enough to say the same once more. */
export interface Turn {
  /** The step that was judged. */
  readonly context: StepContext
  /** The judge's evidence before the blocks. */
  readonly evidence: unknown
  /** The blocks, oldest first. */
  readonly blocks: readonly Block[]
  /** Time in the step when the verdict was asked for, in milliseconds. */
  readonly elapsedInStepMs: number
}
