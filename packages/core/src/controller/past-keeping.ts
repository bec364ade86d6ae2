import { CanaryError } from '../foundation/errors.js'
import { messageOf } from '../foundation/message-of.js'
import { isLive } from '../rollout/state.js'
import type { StoredRollout } from '../rollout/stored-rollout.js'
import { createTimerLoop } from '../runtime/timer-loop.js'
import type { Beginning } from './beginning.js'
import type { ControllerParts } from './controller-parts.js'
import type { HeldRollout } from './held-rollout.js'
import type { Lifetime } from './lifetime.js'

/** Keeps the pasts of the versions while there is no rollout under way. */
export interface PastKeeping {
  /** Takes up what is stored, once. Call it with every rollout that was read or written. Never throws. */
  changed(after: StoredRollout): void
  /** Schedules what is wanted now. */
  arm(): void
  /** Ends the timers, and stores what was learned since the last write. */
  stop(): void
}

/** The options of {@link createPastKeeping}. */
export interface PastKeepingOptions {
  readonly parts: ControllerParts
  readonly held: Pick<HeldRollout, 'dispatcher' | 'state' | 'isJudge' | 'onStoreFailure'>
  readonly lifetime: Pick<Lifetime, 'track'>
  readonly beginning: Pick<Beginning, 'hasBegun'>
}

/** The time between two writes, in milliseconds. */
const KEEP_EVERY_MS = 600_000

/** Creates the keeping of pasts; it does nothing until it is armed. */
export function createPastKeeping({ parts, held, lifetime, beginning }: PastKeepingOptions): PastKeeping {
  const { pasts, rollout, events } = parts
  const { clock } = rollout
  const { dispatcher, state, isJudge, onStoreFailure } = held
  const windowMs = pasts?.windowMs
  const isResting = (): boolean => windowMs !== undefined && beginning.hasBegun && !isLive(state())

  /** Runs code of a judge, which may be a user's. */
  const guarded = <Result>(task: () => Result): Result | undefined => {
    try {
      return task()
    } catch (cause) {
      events.report(
        new CanaryError('JUDGE_FAILED', `the past of a version was not kept: ${messageOf(cause)}`, { cause }),
      )
      return undefined
    }
  }
  const toStore = (stored: StoredRollout['pasts']) => guarded(() => pasts?.toStore(stored))
  const keep = async (): Promise<void> => {
    if (!isJudge() || toStore(dispatcher.current.pasts) === undefined) return
    await dispatcher.keepPasts(toStore).catch(onStoreFailure)
  }
  const loops = [
    createTimerLoop({
      clock,
      intervalMs: windowMs ?? KEEP_EVERY_MS,
      run: async () => guarded(() => pasts?.learnCanary()),
      isWanted: () => isResting() && state().state === 'promoted',
    }),
    createTimerLoop({ clock, intervalMs: KEEP_EVERY_MS, run: keep, isWanted: isResting }),
  ]

  return {
    changed({ revision, pasts: stored }) {
      if (revision > 0) guarded(() => pasts?.adopt(stored))
    },
    arm() {
      for (const loop of loops) loop.arm()
    },
    stop() {
      for (const loop of loops) loop.stop()
      if (isResting()) lifetime.track(keep())
    },
  }
}
