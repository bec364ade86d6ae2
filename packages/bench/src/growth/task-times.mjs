/** The time between two looks, by default: the delay that tells a look from other tasks. */
const LOOK_MS = 15_000

/** The delay of the turns of the loop in which a look goes on. No other task has it. */
const NEXT_TURN_MS = 0

/** More tasks than any situation has. */
const MOST_TASKS = 200_000

/**
 * How long tasks took the loop, in microseconds.
 *
 * @typedef {object} TaskTimes
 * @property {readonly number[]} looksUs the longest turn of each look: so long do requests wait for it at most
 * @property {readonly number[]} wholeLooksUs all turns of each look together
 * @property {readonly number[]} othersUs all other tasks: checks of each second, sweeps, reads of the store
 */

/** Keeps the time of each task since `begin`, in memory that does not grow. */
export function createTaskTimes() {
  const [longest, whole, others] = [0, 0, 0].map(() => new Float64Array(MOST_TASKS))
  let looks = 0
  let otherCount = 0
  return {
    /** @param {{ delayMs: number, us: number }} task */
    note({ delayMs, us }) {
      if (delayMs === LOOK_MS) {
        longest[looks] = us
        whole[looks++] = us
      } else if (delayMs === NEXT_TURN_MS && looks > 0) {
        longest[looks - 1] = Math.max(longest[looks - 1], us)
        whole[looks - 1] += us
      } else others[otherCount++] = us
    },
    begin() {
      looks = otherCount = 0
    },
    /** @returns {TaskTimes} */
    read: () => ({
      looksUs: [...longest.subarray(0, looks)],
      wholeLooksUs: [...whole.subarray(0, looks)],
      othersUs: [...others.subarray(0, otherCount)],
    }),
  }
}
