import type { Canary } from '../canary/canary.js'
import { CanaryError } from '../foundation/errors.js'
import type { RequestCanary } from './request-canary.js'

/** A symbol of the global registry, so that two installed copies of this package share it. */
const SEATS = Symbol.for('model-canary.seats')

const ADVICE = 'this request did not pass the canary’s middleware or plugin; mount it before this handler'

interface Seat {
  readonly canary: Canary
  readonly requestCanary: RequestCanary
  readonly outer: Seat | undefined
}

type Carrier = object & { [SEATS]?: Seat }

/**
 * Returns what the middleware of this canary attached to the request, also if several canaries share one app.
 *
 * @throws `NOT_MOUNTED` if the request did not pass that middleware
 */
export function canaryOf<Version extends string>(carrier: object, canary: Canary<Version>): RequestCanary<Version> {
  const found = seatOf(carrier, canary)
  if (found === undefined) throw new CanaryError('NOT_MOUNTED', ADVICE)
  return found.requestCanary as RequestCanary<Version>
}

/** Attaches a canary to a request; only once, however often the middleware runs. */
export function seat<Version extends string>(
  carrier: object,
  canary: Canary<Version>,
  make: () => RequestCanary<Version>,
): RequestCanary<Version> {
  const present = seatOf(carrier, canary)
  if (present !== undefined) return present.requestCanary as RequestCanary<Version>
  const requestCanary = make()
  const holder = carrier as Carrier
  holder[SEATS] = { canary: canary as Canary, requestCanary: requestCanary as RequestCanary, outer: holder[SEATS] }
  return requestCanary
}

function seatOf(carrier: Carrier, canary: unknown): Seat | undefined {
  let candidate = carrier[SEATS]
  while (candidate !== undefined && candidate.canary !== canary) candidate = candidate.outer
  return candidate
}
