import { CanaryError } from '../foundation/errors.js'
import { messageOf } from '../foundation/message-of.js'
import { isLive } from '../rollout/state.js'
import type { StoredRollout } from '../rollout/stored-rollout.js'
import { createTimerLoop } from '../runtime/timer-loop.js'
import type { Beginning } from './beginning.js'
import type { ControllerParts } from './controller-parts.js'
import type { HeldRollout } from './held-rollout.js'
import type { Lifetime } from './lifetime.js'
import { createServedWindows } from './served-windows.js'

/** Keeps the pasts of the versions: of several processes always, of one while there is no rollout under way. */
export interface PastKeeping {
  /** Takes up what is stored, once. Call it with every rollout that was read or written. Never throws. */
  changed(after: StoredRollout): void
  /** Goes on with what is stored, because this process begins to learn for all of them. */
  takeOver(): void
  /** Schedules what is wanted now. */
  arm(): void
  /** Ends the timers, and stores what was learned since the last write. */
  stop(): void
}

/** The options of {@link createPastKeeping}. */
export interface PastKeepingOptions {
  readonly parts: ControllerParts
  readonly held: Pick<HeldRollout, 'dispatcher' | 'state' | 'isJudge' | 'onStoreFailure' | 'replica'>
  readonly lifetime: Pick<Lifetime, 'track' | 'cutOff'>
  readonly beginning: Pick<Beginning, 'hasBegun'>
}

/** The time between two writes, in milliseconds. */
const KEEP_EVERY_MS = 600_000

/** The same of what several processes served: what a leader that is killed has learned since is lost. */
const KEEP_OF_ALL_EVERY_MS = 60_000

/** Creates the keeping of pasts; it does nothing until it is armed. */
export function createPastKeeping({ parts, held, lifetime, beginning }: PastKeepingOptions): PastKeeping {
  const { pasts, rollout, events } = parts
  const { clock } = rollout
  const { dispatcher, state, isJudge, onStoreFailure } = held
  const windowMs = pasts?.windowMs
  const halfMs = (windowMs ?? KEEP_EVERY_MS) / 2
  const served = held.replica?.served
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
  const follow = (): void => {
    if (served && beginning.hasBegun) guarded(() => pasts?.follow(dispatcher.current.pasts))
  }
  const learnOfAll = createLearning({ parts, held, lifetime }, guarded, keep)
  const isOfAll = (): boolean => served !== undefined && windowMs !== undefined && beginning.hasBegun
  const loops = [
    createTimerLoop({
      clock,
      intervalMs: windowMs ?? KEEP_EVERY_MS,
      run: async () => guarded(() => pasts?.learnCanary()),
      isWanted: () => !isOfAll() && isResting() && state().state === 'promoted',
    }),
    createTimerLoop({ clock, intervalMs: halfMs, run: learnOfAll.halfWindow, isWanted: isOfAll }),
    createTimerLoop({ clock, intervalMs: KEEP_EVERY_MS, run: keep, isWanted: () => !isOfAll() && isResting() }),
    createTimerLoop({ clock, intervalMs: KEEP_OF_ALL_EVERY_MS, run: keep, isWanted: isOfAll }),
  ]

  return {
    changed({ revision, pasts: stored }) {
      if (revision > 0) guarded(() => pasts?.adopt(stored))
    },
    takeOver: follow,
    arm() {
      if (!isJudge()) follow()
      learnOfAll.begin()
      for (const loop of loops) loop.arm()
    },
    stop() {
      for (const loop of loops) loop.stop()
      if (isResting() || isOfAll()) lifetime.track(keep())
    },
  }
}

/** Creates what learns from all processes while this one judges. */
function createLearning(
  { parts: { pasts, rollout }, held, lifetime }: Omit<PastKeepingOptions, 'beginning'>,
  guarded: (task: () => unknown) => unknown,
  keep: () => Promise<void>,
) {
  const { replica, isJudge, state, dispatcher } = held
  const nextWindow = createServedWindows(() => rollout.clock.elapsed(), pasts?.windowMs ?? 0)
  let half = 0
  return {
    /** All processes report when a rollout begins or ends, and then every 15 s: windows are cut between two reports. */
    begin: () => void (half = 0),
    /**
     * Ends a window in every other call. Must be called every half of a window. The other processes report when they
     * are told of a form, so they are told between two windows, when they report anyway.
     */
    async halfWindow(): Promise<void> {
      half += 1
      if (half % 2 === 0) return guarded(() => pasts?.hasNews(dispatcher.current.pasts)) ? keep() : undefined
      const read = isJudge() ? replica?.served?.(lifetime.cutOff) : undefined
      const served = await read?.catch(() => undefined) // what the store fails with is told by the reports
      guarded(() => pasts?.learn(nextWindow(served), state().state, served))
    },
  }
}
