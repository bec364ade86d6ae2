/** The baseline serves alone for so long first, so that the judge has learned from it. */
export const BEFORE_SECONDS = 330

/**
 * Requests at equal distances in virtual time.
 *
 * @typedef {object} Traffic
 * @property {number} requests how many have begun
 * @property {(seconds: number, perSecond?: number) => Promise<void>} run
 * @property {() => Promise<void>} end ends all that are open, at the present time
 */

/**
 * @param {object} options
 * @param {import('./timed-clock.mjs').TimedClock} options.clock
 * @param {number} options.perSecond
 * @param {(request: number) => { durationMs: number, end: () => unknown } | undefined} options.open begins a
 *   request; `end` may return a promise; `undefined` for a request that something else ends
 * @returns {Traffic}
 */
export function createTraffic({ clock, perSecond, open }) {
  const pending = [] // in the order in which they began: a service that answers in order
  let arrivalMs = clock.elapsed()
  let requests = 0

  const moveTo = async (untilMs) => {
    if (!clock.skipTo(untilMs)) await clock.walkTo(untilMs)
  }
  const endUntil = async (untilMs) => {
    while (pending.length > 0 && pending[0].endMs <= untilMs) {
      const { end, endMs } = pending.shift()
      if (endMs > clock.elapsed()) await moveTo(endMs)
      const ended = end()
      if (ended !== undefined) await ended
    }
  }

  return {
    get requests() {
      return requests
    },
    async run(seconds, rate = perSecond) {
      const gapMs = 1_000 / rate
      const untilMs = arrivalMs + seconds * 1_000
      for (; arrivalMs < untilMs; arrivalMs += gapMs) {
        await endUntil(arrivalMs)
        await moveTo(arrivalMs)
        const opened = open(requests)
        if (opened) pending.push({ end: opened.end, endMs: arrivalMs + opened.durationMs })
        requests += 1
      }
    },
    async end() {
      for (const { end } of pending.splice(0)) await end()
    },
  }
}
