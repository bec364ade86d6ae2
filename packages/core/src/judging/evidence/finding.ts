import type { Guardrail } from '../../guardrails/guardrail.js'
import type { Hypothesis, Side } from '../../guardrails/hypothesis.js'
import { hypothesesOf } from '../../guardrails/kind-of.js'
import type { Evidence } from './evidence.js'
import type { Strand, Thread } from './thread.js'

/** One side of a hypothesis with what is known about it. */
export interface Finding {
  readonly hypothesis: Hypothesis
  readonly side: Side
  readonly thread: Thread
  readonly strand: Strand
}

/** Returns what is known about each side of a guardrail's hypotheses. */
export function findingsOf({ threads, frozen }: Evidence, guardrail: Guardrail, at: number): readonly Finding[] {
  return hypothesesOf(guardrail, frozen[at]!).flatMap((hypothesis, index) => {
    const thread = threads[at]![index]!
    return hypothesis.sides.map((side, s): Finding => ({ hypothesis, side, thread, strand: thread.strands[s]! }))
  })
}
