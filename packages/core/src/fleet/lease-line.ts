import { isRecord } from '../foundation/options.js'
import type { Fleet, LeaseAnswer, LeaseAsk } from '../rollout/fleet.js'
import { isCount } from '../rollout/stored-forms.js'
import type { Clock } from '../runtime/clock.js'
import { withDeadline } from '../runtime/deadline.js'
import { wrongAnswer } from './store-answers.js'

/** The calls of one process about the lease, each with a deadline. They reject if the answer has the wrong form. */
export interface LeaseLine {
  ask(ttlMs: number, leastFence: number): Promise<LeaseAnswer>
  /** Returns the lease if this process may hold it, also because the answer to the latest ask was lost. */
  release(signal?: AbortSignal): Promise<void>
}

/** The options of {@link createLeaseLine}. */
export interface LeaseLineOptions {
  readonly fleet: Pick<Fleet, 'lease'>
  /** The id of this process. */
  readonly id: string
  readonly clock: Clock
  /** The limit of one call of the store, in milliseconds. */
  readonly timeoutMs: number
  /** Called with the id of the holder in each answer; `null` if the lease is free. */
  readonly onHolder?: (id: string | null) => void
}

/** Creates the line of a process that has not asked yet. */
export function createLeaseLine({ fleet, id, clock, timeoutMs, onHolder }: LeaseLineOptions): LeaseLine {
  let mayHold = false
  const call = async (ask: LeaseAsk, signal?: AbortSignal): Promise<LeaseAnswer> => {
    const answer = readAnswer(await withDeadline(clock, timeoutMs, (own) => fleet.lease(ask, own), signal), id)
    mayHold = answer.isMine
    onHolder?.(answer.holder)
    return answer
  }
  return {
    ask(ttlMs, leastFence) {
      mayHold = true
      return call({ id, ttlMs, leastFence })
    },
    async release(signal) {
      if (mayHold) await call({ id, release: true }, signal)
    },
  }
}

/** Reads the answer of a store; throws `STORE_FAILED` if it has the wrong form, or contradicts itself. */
function readAnswer(answer: unknown, id: string): LeaseAnswer {
  if (isRecord(answer)) {
    const { isMine, fence, holder, leftMs } = answer
    const isHolder = holder === null || typeof holder === 'string'
    if (isMine === (holder === id) && isHolder && isCount(fence) && Number.isFinite(leftMs) && (leftMs as number) >= 0)
      return { isMine, fence, holder, leftMs: leftMs as number }
  }
  throw wrongAnswer('lease', answer, 'with { isMine, fence, holder, leftMs }')
}
