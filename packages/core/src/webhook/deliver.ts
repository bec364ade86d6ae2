import { CanaryError } from '../foundation/errors.js'
import { pauseBeforeTry } from '../runtime/back-off.js'
import { pause } from '../runtime/deadline.js'
import type { Endpoint } from './endpoint.js'
import { type Letter, post, whyUnanswered } from './post.js'
import { isWorthAnotherTry, MESSAGE_BACK_OFF } from './retry.js'

/** How often a delivery is attempted, and until when. */
export interface DeliveryRetries {
  /** Attempts after the first one. */
  readonly retries: number
  readonly random: () => number
  /** Aborted when the delivery is no longer wanted. */
  readonly signal: AbortSignal
}

/** A failed attempt. */
interface Failure {
  readonly why: string
  readonly mayPass: boolean
  readonly retryAfterMs?: number | undefined
  readonly cause?: unknown
}

/** Failures after which a later process may succeed. */
const passing = new WeakSet<CanaryError>()

/** Returns whether a receiver may accept the message later: it did not answer, or asked for a retry. */
export const mayPassLater = (error: CanaryError): boolean => passing.has(error)

/** Retries until the receiver accepts the message. Resolves to `undefined` on success, otherwise to the error. */
export async function deliver(
  endpoint: Endpoint,
  letter: Letter,
  { retries, random, signal }: DeliveryRetries,
): Promise<CanaryError | undefined> {
  for (let tries = 1; ; tries += 1) {
    const failure = await attempt(endpoint, letter, signal)
    if (failure === undefined) return undefined
    if (!failure.mayPass || tries > retries || signal.aborted) return failed(endpoint, failure, tries)
    await pause(endpoint.clock, pauseBeforeTry(MESSAGE_BACK_OFF, tries - 1, random, failure.retryAfterMs), signal)
    if (signal.aborted) return failed(endpoint, failure, tries)
  }
}

async function attempt(endpoint: Endpoint, letter: Letter, signal: AbortSignal): Promise<Failure | undefined> {
  try {
    const { status, retryAfterMs } = await post(endpoint, letter, signal)
    if (status >= 200 && status < 300) return undefined
    return { why: describeStatus(status), mayPass: isWorthAnotherTry(status), retryAfterMs }
  } catch (cause) {
    return { why: whyUnanswered(cause), mayPass: true, cause }
  }
}

function describeStatus(status: number): string {
  if (status >= 300 && status < 400) return `it answered ${status}, and redirects are not followed; use the new address`
  return `it answered ${status}`
}

function failed({ shownAs }: Endpoint, { why, cause, mayPass }: Failure, tries: number): CanaryError {
  const after = tries === 1 ? '1 attempt' : `${tries} attempts`
  const error = new CanaryError('WEBHOOK_FAILED', `${shownAs} did not accept a message in ${after}: ${why}`, { cause })
  if (mayPass) passing.add(error)
  return error
}
