import type { Clock } from './clock.js'

/** Lets the event loop turn: resolves after it has polled for I/O. */
export type LoopTurn = () => Promise<void>

/** Creates turns of the loop. They do not keep the process alive. */
export const createLoopTurn =
  (clock: Clock): LoopTurn =>
  () =>
    new Promise((resolve) => {
      clock.schedule(0, resolve)
    })

/** No turn, for where nobody else waits for the loop. */
export const noTurn: LoopTurn = () => Promise.resolve()
