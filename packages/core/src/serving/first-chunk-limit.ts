import type { Clock } from '../runtime/clock.js'
import { inTime, type Limit } from './in-time.js'
import type { LoopWatch } from './loop-watch.js'
import { raise } from './raise.js'
import { type ServedCall, tooSilent } from './served-call.js'
import type { Rescue } from './streams/rescued-pull.js'
import type { Step } from './streams/stream-source.js'

/** Returns the function that waits for a stream's first step, at most for the `firstChunkTimeoutMs` of its call. */
export function createFirstChunkLimit({ clock, loop }: { readonly clock: Clock; readonly loop: LoopWatch }) {
  return (call: ServedCall): Rescue['limited'] =>
    async (first, expired) => {
      const { firstChunkTimeoutMs: limitMs } = call.options
      if (limitMs === undefined) return first
      const onExpiry = () => {
        const error = tooSilent(call)
        expired(error)
        raise(error)
      }
      const limit: Limit = { clock, loop, startedAt: clock.elapsed(), blockedMs: 0, limitMs }
      return (await inTime(first, limit, {
        arrived: (step) => step,
        failed: raise,
        expired: onExpiry,
        late: () => {},
      })) as Step
    }
}
