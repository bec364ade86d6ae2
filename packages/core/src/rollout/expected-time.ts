import type { Guardrail } from '../guardrails/guardrail.js'
import { meanInformation, shareInformation } from '../statistics/safety-information.js'
import { type Course, weightOf } from './course.js'

/** The traffic of a service, as far as the time of a rollout depends on it. */
export interface ExpectedTraffic {
  /** Requests a second of both versions together, above 0. */
  readonly requestsPerSecond: number
  /** The share of failed requests, a fraction. */
  readonly errorRate: number
}

/** The rates of `evidenceJudge({ promotion })`, from the last compared step back. */
const PROMOTION = [0.05, 0.1, 0.15, 0.2]

/** The least time of a step by the judge, in milliseconds. */
const LEAST_STEP_MS = 60_000

/** Assumed of what is not known: the mean latency is 120 ms, with a lognormal spread of σ = 0.7. */
const LATENCY_DEVIATION_MS = 95

/** The part of a tail that is left beyond `ratio` times its quantile is ratio^−4, near the lognormal's. */
const TAIL_POWER = 4

/** A share of a class is assumed to be two fifths. */
const CLASS_SHARE = 0.4

/**
 * How many times longer the judge takes than information alone says: for one guardrail, and for each doubling of their
 * number, since all of them have to be shown. Fitted to simulated rollouts at half a request a second.
 */
const SLOWNESS = { ofOne: 1.1, perDoubling: 0.6 }

/**
 * Returns how long a good canary takes until its promotion, in milliseconds.
 *
 * Each step lasts for its least time, for its requests, and for the evidence: ln(1/rate) nats at the information of the
 * weight in force, of which half is carried from the step before. The baseline's noise counts as known.
 */
export function expectedTimeOf(course: Course, guardrails: readonly Guardrail[], traffic: ExpectedTraffic): number {
  const last = course.bake.durationMs > 0 ? course.steps.length : course.steps.length - 1
  const compared = Array.from({ length: last }, (_, at) => at + 1).filter((step) => weightOf(course, step) < 100)
  let totalMs = course.warmUp.durationMs
  for (let step = 1; step <= last; step += 1) {
    const { minDurationMs, minRequests } = course.steps[step - 1]!
    const weight = weightOf(course, step) / 100
    const fewest = weight === 1 ? 1 : Math.min(weight, 1 - weight)
    const requestsMs = (1_000 * minRequests) / (fewest * traffic.requestsPerSecond)
    const leastMs = step === course.steps.length ? course.bake.durationMs : minDurationMs
    const left = compared.length - compared.indexOf(step)
    const nats = -Math.log(PROMOTION[Math.min(left, PROMOTION.length) - 1]!) * (step === 1 ? 1 : 0.5)
    const evidenceMs = weight === 1 ? 0 : Math.max(LEAST_STEP_MS, evidenceTime(nats, weight, guardrails, traffic))
    totalMs += Math.max(leastMs, requestsMs, evidenceMs)
  }
  return Math.round(totalMs)
}

/** Returns the time in which all guardrails gather so many nats, in milliseconds. */
function evidenceTime(
  nats: number,
  weight: number,
  guardrails: readonly Guardrail[],
  traffic: ExpectedTraffic,
): number {
  const times = guardrails.flatMap((guardrail) => {
    const information = informationOf(guardrail, weight, traffic)
    if (guardrail.severity === 'observe' || information === undefined) return []
    return [(1_000 * nats) / (information * traffic.requestsPerSecond)]
  })
  const longest = Math.max(0, ...times)
  if (longest === 0) return 0
  const alike = times.reduce((sum, time) => sum + time / longest, 0) // how many guardrails take about as long
  return longest * (SLOWNESS.ofOne + SLOWNESS.perDoubling * Math.log2(alike))
}

/** Returns a guardrail's nats a request; `undefined` if its spread is not known. */
function informationOf(guardrail: Guardrail, weight: number, { errorRate }: ExpectedTraffic): number | undefined {
  const ofShare = (share: number, margin: number) =>
    share + margin < 1 ? shareInformation(share, margin, weight) : undefined
  switch (guardrail.kind) {
    case 'errorRate':
      return ofShare(errorRate, guardrail.margin)
    case 'timeoutRate':
    case 'abortRate':
    case 'rejectedRate':
    case 'unansweredRate':
      return ofShare(errorRate / 10, guardrail.margin)
    case 'latency':
      return meanInformation(guardrail.marginMs, LATENCY_DEVIATION_MS, weight)
    case 'tailLatency': {
      const tail = 1 - guardrail.quantile
      return ofShare(tail * guardrail.ratio ** -TAIL_POWER, tail)
    }
    case 'predictionShift':
      return ofShare(CLASS_SHARE, guardrail.margin)
    case 'scoreShift':
    case 'metric':
      return undefined
  }
}
