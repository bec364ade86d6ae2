import { CanaryError } from '../foundation/errors.js'
import { show } from '../foundation/options.js'
import type { Clock } from '../runtime/clock.js'
import { withDeadline } from '../runtime/deadline.js'

/** Returns the error for an answer of a store that has the wrong form. `expected` says what it has to be. */
export const wrongAnswer = (call: string, answer: unknown, expected: string): CanaryError =>
  new CanaryError('STORE_FAILED', `${call}() answered ${show(answer)}; it has to answer ${expected}`)

/** Runs the last task before a process ends, and keeps the process alive until then. Never rejects. */
export async function runLast(
  clock: Clock,
  limitMs: number,
  task: (signal: AbortSignal) => Promise<void>,
  onFailure: (cause: unknown) => void,
): Promise<void> {
  await withDeadline(clock, limitMs, task, undefined, { keepAlive: true }).catch(onFailure)
}
