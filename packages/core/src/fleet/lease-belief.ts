import type { Lease } from '../rollout/fleet.js'
import type { Clock } from '../runtime/clock.js'

/** The lease that this process may rely on, and until when. */
export interface LeaseBelief {
  /** `undefined` once its time is over, also if no timer has run since. */
  readonly lease: Lease | undefined
  /**
   * Relies on a lease until a time on the clock's `elapsed` scale. If it has another fence than the earlier lease, that
   * one is dropped first.
   */
  hold(lease: Lease, untilMs: number): void
  drop(): void
}

/** Creates a belief without a lease. `onChange` is called once for each change, also when the time runs out. */
export function createLeaseBelief(clock: Clock, onChange: (isLeader: boolean) => void): LeaseBelief {
  let held: { readonly lease: Lease; readonly untilMs: number } | undefined
  let isTold = false
  let cancel = () => {}

  const leftMs = (): number => (held === undefined ? 0 : held.untilMs - clock.elapsed())
  const current = (): Lease | undefined => (leftMs() > 0 ? held?.lease : undefined)

  const check = (): void => {
    cancel()
    if (leftMs() > 0) cancel = clock.schedule(leftMs(), check)
    else held = undefined
    const isLeader = held !== undefined
    if (isLeader === isTold) return
    isTold = isLeader
    onChange(isLeader)
  }
  const drop = (): void => {
    held = undefined
    check()
  }

  return {
    get lease() {
      return current()
    },
    hold(lease, untilMs) {
      const isSame = held?.lease.fence === lease.fence
      if (!isSame) drop() // another process may have led in between
      held = { lease: isSame && held ? held.lease : lease, untilMs }
      check()
    },
    drop,
  }
}
