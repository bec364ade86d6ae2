import { keyAt } from '../harness/keys.mjs'
import { observations } from '../harness/observations.mjs'
import { seededRandom } from '../harness/random.mjs'

/** A prime number of them, so that each user meets each of them. */
const CALLS = observations({ described: true }).slice(0, 509)

/**
 * Begins a request. What it returns says when and how it ends; `undefined` for one that hangs.
 *
 * @typedef {(request: number) => { durationMs: number, end: () => unknown } | undefined} Opener
 */

/**
 * Calls with a class and a score.
 *
 * @param {import('@model-canary/core').Canary} canary
 * @param {(request: number) => object} [more] what differs from an ordinary call: `durationMs` or a part of its result
 * @returns {Opener}
 */
export function ordinaryCalls(canary, more = () => ({})) {
  return (request) => {
    const flight = canary.begin({ key: keyAt(request) })
    const { outcome, prediction, score, durationMs, metrics } = { ...CALLS[request % CALLS.length], ...more(request) }
    return { durationMs, end: () => flight.end({ outcome, prediction, score, ...(metrics && { metrics }) }) }
  }
}

/**
 * Calls of a wrapped model that answers after a time of its own.
 *
 * @param {import('@model-canary/core').Canary} canary
 * @returns {Opener}
 */
export function wrappedCalls(canary) {
  let answer
  const model = () =>
    new Promise((resolve) => {
      answer = resolve
    })
  const predict = canary.wrap(
    { baseline: model, canary: model },
    { key: (key) => key, predictionOf: ({ prediction }) => prediction, scoreOf: ({ score }) => score },
  )
  return (request) => {
    const call = CALLS[request % CALLS.length]
    const answered = predict(keyAt(request))
    const resolve = answer
    return {
      durationMs: call.durationMs,
      end() {
        resolve(call)
        return answered
      },
    }
  }
}

/**
 * Calls that take eight seconds: ten thousand of them are under way at 1,250 per second.
 *
 * @param {import('@model-canary/core').Canary} canary
 * @returns {Opener}
 */
export function longCalls(canary) {
  return ordinaryCalls(canary, () => ({ durationMs: 8_000 }))
}

/**
 * Ordinary calls, of which two in nine hang: ten thousand at 50 per second, until the default `maxFlightMs` ends them.
 *
 * @param {import('@model-canary/core').Canary} canary
 * @returns {Opener}
 */
export function hangingCalls(canary) {
  const ordinary = ordinaryCalls(canary)
  return (request) => {
    if (request % 9 > 1) return ordinary(request)
    canary.begin({ key: keyAt(request) })
    return undefined
  }
}

/**
 * Returns values of business metrics, for {@link ordinaryCalls}.
 *
 * @param {readonly string[]} names
 */
export function metricValues(names) {
  const random = seededRandom(3)
  return () => ({ metrics: Object.fromEntries(names.map((name) => [name, random()])) })
}

/**
 * Returns one of many classes, all equally frequent, for {@link ordinaryCalls}.
 *
 * @param {number} classes
 */
export function oneOfClasses(classes) {
  const random = seededRandom(5)
  const names = Array.from({ length: classes }, (_, at) => `class-${at}`)
  return () => ({ prediction: names[Math.floor(random() * classes)] })
}
