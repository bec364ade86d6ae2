import type { Clock } from './clock.js'

/** Lets the event loop turn: resolves after it has polled for I/O. */
export type LoopTurn = () => Promise<void>

/** Resolves after the event loop has polled for I/O. The process stays alive until then, so that `close` can end. */
export const loopTurn = (clock: Clock): Promise<void> =>
  new Promise((resolve) => void clock.schedule(0, resolve, { keepAlive: true }))
