import { capLog, logAdd } from '../../statistics/log-space.js'

/**
 * A second process of evidence of harm, as natural logarithms by alternative: each window multiplies it by at most e².
 *
 * Evidence is tempered by the dispersion, and after an incident the dispersion is large. Here a burst counts for
 * little however long the past was calm, so that less of the past has to count. Capping an e-value keeps it valid.
 */
export interface CappedProcess {
  /** The process up to the last tick. */
  readonly closed: readonly number[]
  /** What the blocks since the last tick have added, before the cap. */
  readonly gained: readonly number[]
  /** The prior weights of the moments since the last tick: harm that begins there counts from the next tick on. */
  readonly waiting: number
}

/** The largest logarithm of a window's factor. */
const MOST_IN_A_WINDOW = 2

/** Returns the process at its start. */
export const startCapped = (closed: readonly number[]): CappedProcess => ({
  closed,
  gained: closed.map(() => 0),
  waiting: 0,
})

/** Returns the process with one more block. */
export const withBlock = ({ closed, gained, waiting }: CappedProcess, scores: readonly number[]): CappedProcess => ({
  closed,
  gained: gained.map((sum, at) => capLog(sum + scores[at]!)),
  waiting,
})

/** Returns the process with the prior weight of a moment since the last tick. */
export const withWaiting = (capped: CappedProcess, priorWeight: number): CappedProcess =>
  priorWeight === 0 ? capped : { closed: capped.closed, gained: capped.gained, waiting: capped.waiting + priorWeight }

/** Returns the process after the end of a window. */
export const closeCapped = (capped: CappedProcess): CappedProcess => startCapped(logsOf(capped))

/** Returns the process divided by e^cut. */
export const reduced = (capped: CappedProcess, cut: number): CappedProcess =>
  startCapped(logsOf(capped).map((log) => log - cut))

/** Returns the present value of the process. */
export function logsOf({ closed, gained, waiting }: CappedProcess): readonly number[] {
  const late = Math.log(waiting)
  return closed.map((log, at) => capLog(logAdd(log + Math.min(gained[at]!, MOST_IN_A_WINDOW), late)))
}
