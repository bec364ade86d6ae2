import type { Block, StepContext } from '../judging/judge.js'

/** The blocks that a judge received and the evidence before them, from which its verdict can be replayed. */
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
