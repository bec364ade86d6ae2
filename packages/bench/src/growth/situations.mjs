import {
  abortRate,
  errorRate,
  latency,
  metric,
  predictionShift,
  rejectedRate,
  scoreShift,
  tailLatency,
  timeoutRate,
  unansweredRate,
} from '@model-canary/core'
import { hangingCalls, longCalls, metricValues, oneOfClasses, ordinaryCalls, wrappedCalls } from './calls.mjs'
import { openStreams } from './streams.mjs'

/** The time that a rollout is measured for, in seconds: an hour, or ten minutes of it in a quick run. */
const AN_HOUR = { full: 3_600, quick: 600 }

/**
 * How long a rollout goes on before it is measured, in seconds. The store keeps the last 1,000 decisions, one for each
 * look, which are that many after 15,000 s.
 */
const SETTLED_SECONDS = { full: 16_200, quick: 600 }

const DEFAULT_GUARDRAILS = [errorRate(), latency(), unansweredRate(), rejectedRate()]
const METRICS = ['conversion', 'revenue', 'reading-time']

/** One of each kind, and three business metrics. */
const TWELVE_GUARDRAILS = [
  ...DEFAULT_GUARDRAILS,
  ...[timeoutRate(), abortRate(), tailLatency(), predictionShift(), scoreShift({ margin: 0.1 })],
  ...METRICS.map((name) => metric(name, { direction: 'must-not-fall', margin: 0.5 })),
]

/**
 * A rollout that goes on while it is measured.
 *
 * @typedef {object} Situation
 * @property {string} title
 * @property {number} perSecond requests
 * @property {{ full: number, quick: number }} settledSeconds from the start of the rollout, with few requests
 * @property {{ full: readonly number[], quick: readonly number[] }} marks when the heap is read, in seconds since then
 * @property {readonly import('@model-canary/core').Guardrail[] | undefined} guardrails
 * @property {(canary: import('@model-canary/core').Canary) => import('./calls.mjs').Opener} open
 * @property {((canary: import('@model-canary/core').Canary) => Promise<import('./streams.mjs').Beside>) | undefined}
 *   beside
 */

/** Each situation by its name. @type {Readonly<Record<string, Situation>>} */
export const SITUATIONS = {
  requests: {
    ...anHour('ten million requests', wrappedCalls),
    perSecond: 5_000,
    marks: { full: secondsOf([1e5, 2e5, 5e5, 1e6, 2e6, 5e6, 1e7]), quick: secondsOf([1e5, 2e5, 5e5, 1e6]) },
  },
  looks: anHour('an hour of looks', ordinaryCalls),
  streams: anHour('1,000 open streams', ordinaryCalls, { beside: (canary) => openStreams(canary, 1_000) }),
  flights: anHour('10,000 flights under way', longCalls, { perSecond: 1_250 }),
  hanging: anHour('10,000 flights that hang', hangingCalls, { firstMark: 1_200 }), // the first ones have timed out
  guardrails: anHour('12 guardrails', (canary) => ordinaryCalls(canary, metricValues(METRICS)), {
    guardrails: TWELVE_GUARDRAILS,
  }),
  labels: labelled(50),
  'many-labels': labelled(5_000),
}

function labelled(classes) {
  const guardrails = [...DEFAULT_GUARDRAILS, predictionShift()]
  return anHour(`${classes.toLocaleString('en')} classes`, (canary) => ordinaryCalls(canary, oneOfClasses(classes)), {
    guardrails,
  })
}

/** An hour, at 50 requests per second, that begins when what is there a lot of has come. */
function anHour(title, open, { perSecond = 50, firstMark = 300, guardrails, beside } = {}) {
  const marksOf = (seconds) => Array.from({ length: 7 }, (_, mark) => firstMark + (mark * seconds) / 6)
  return {
    ...{ title, open, guardrails, beside, perSecond, settledSeconds: SETTLED_SECONDS },
    marks: { full: marksOf(AN_HOUR.full), quick: marksOf(AN_HOUR.quick) },
  }
}

/** When so many requests have been sent, at 5,000 per second. */
function secondsOf(requests) {
  return requests.map((count) => count / 5_000)
}
