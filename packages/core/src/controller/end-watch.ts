import { isLive, isTerminal, type RolloutState } from '../rollout/state.js'
import type { Clock } from '../runtime/clock.js'
import type { SplitOutput } from './split-output.js'

/** Watches the target while a rollout is live, and for a time after its end. */
export interface EndWatch {
  moveTo(state: RolloutState): void
  close(): void
}

/** The options of {@link createEndWatch}. */
export interface EndWatchOptions {
  readonly output: Pick<SplitOutput, 'follow'>
  readonly clock: Clock
  /** How long the target is watched after the end, in milliseconds; if infinite, until the controller is closed. */
  readonly lastsMs: number
}

/** The longest delay of one timer, in milliseconds. */
const LONGEST_WAIT_MS = 2_000_000_000

/** Creates a watch that has not started. */
export function createEndWatch({ output, clock, lastsMs }: EndWatchOptions): EndWatch {
  let ended: (Pick<RolloutState, 'epoch' | 'state'> & { readonly at: number }) | undefined
  let cancel = () => {}

  const wait = (at: number): void => {
    const leftMs = at + lastsMs - clock.elapsed()
    if (leftMs <= 0) output.follow(false)
    else if (leftMs < Number.POSITIVE_INFINITY) {
      cancel = clock.schedule(Math.min(leftMs, LONGEST_WAIT_MS), () => wait(at))
    }
  }

  return {
    moveTo(state) {
      if (isTerminal(state) && ended?.epoch === state.epoch && ended.state === state.state) return // this end is known
      cancel()
      ended = isTerminal(state) ? { epoch: state.epoch, state: state.state, at: clock.elapsed() } : undefined
      output.follow(ended !== undefined || isLive(state))
      if (ended !== undefined) wait(ended.at)
    },
    close: () => cancel(),
  }
}
