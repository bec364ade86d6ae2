import type { Guardrail } from '../../guardrails/guardrail.js'
import type { Evidence } from './evidence.js'
import type { Question, Side } from './question.js'
import { questionsOf } from './questions.js'
import type { Strand, Thread } from './thread.js'

/** One side of a question with what is known about it. */
export interface Finding {
  readonly question: Question
  readonly side: Side
  readonly thread: Thread
  readonly strand: Strand
}

/** Returns what is known about each side of a guardrail's questions. */
export function findingsOf({ threads, frozen }: Evidence, guardrail: Guardrail, at: number): readonly Finding[] {
  return questionsOf(guardrail, frozen[at]!).flatMap((question, index) => {
    const thread = threads[at]![index]!
    return question.sides.map((side, s): Finding => ({ question, side, thread, strand: thread.strands[s]! }))
  })
}
