import type { ResolvedRollout } from '../controller/controller-options.js'
import { CanaryError } from '../foundation/errors.js'
import { messageOf } from '../foundation/message-of.js'
import type { Strategy } from '../routing/strategy.js'
import { isThenable } from '../routing/thenable.js'
import { withDeadline } from '../runtime/deadline.js'

/**
 * Returns the strategy, awaited if it is a promise. Rejects `INVALID_STRATEGY` if that promise rejects or does not settle
 * within `ioTimeoutMs`.
 */
export async function adoptable(
  strategy: Strategy | Promise<Strategy>,
  { clock, ioTimeoutMs }: Pick<ResolvedRollout, 'clock' | 'ioTimeoutMs'>,
): Promise<Strategy> {
  if (!isThenable(strategy)) return strategy
  let isLate = false
  const wait = async (deadline: AbortSignal) => {
    deadline.addEventListener('abort', () => (isLate = true), { once: true })
    return strategy
  }
  try {
    return await withDeadline(clock, ioTimeoutMs, wait, undefined, { keepAlive: true })
  } catch (cause) {
    const advice = 'pass a strategy, or a promise that settles within ioTimeoutMs'
    if (isLate) throw new CanaryError('INVALID_STRATEGY', `its promise did not settle in ${ioTimeoutMs} ms; ${advice}`)
    throw new CanaryError('INVALID_STRATEGY', `its promise was rejected: ${messageOf(cause)}`, { cause })
  }
}
