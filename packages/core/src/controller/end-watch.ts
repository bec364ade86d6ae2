import { isLive, isTerminal, type RolloutState } from '../rollout/state.js'
import type { Clock } from '../runtime/clock.js'
import type { SplitOutput } from './split-output.js'

/** Watches the target for as long as a rollout is live, and on after its end. */
export interface EndWatch {
  moveTo(state: RolloutState): void
  close(): void
}

/** What it needs. */
export interface EndWatchOptions {
  readonly output: Pick<SplitOutput, 'follow'>
  readonly clock: Clock
  /** How long the target is watched after the end, in milliseconds; infinite for as long as the controller lives. */
  readonly lastsMs: number
}

/** The longest that one timer is asked to wait, in milliseconds. */
const LONGEST_WAIT_MS = 2_000_000_000

/** Makes a watch that has not begun. */
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
      if (isTerminal(state) && ended?.epoch === state.epoch && ended.state === state.state) return // an end is an end once
      cancel()
      ended = isTerminal(state) ? { epoch: state.epoch, state: state.state, at: clock.elapsed() } : undefined
      output.follow(ended !== undefined || isLive(state))
      if (ended !== undefined) wait(ended.at)
    },
    close: () => cancel(),
  }
}
