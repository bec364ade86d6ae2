import { timingSafeEqual } from 'node:crypto'
import { duration, numberWithin, refuseUnknown } from '../foundation/options.js'
import { systemClock } from '../runtime/clock.js'
import { signatureOf, signingKey } from './signature.js'

/** Headers as `fetch` and as `node:http` have them. */
export type WebhookHeaders =
  | { get(name: string): string | null }
  | Readonly<Record<string, string | readonly string[] | undefined>>

/** A request that claims to be a webhook, and what it is checked against. */
export interface VerifyWebhookOptions {
  readonly headers: WebhookHeaders
  /** The body as it came, before anything parsed it. */
  readonly body: string | Uint8Array
  readonly secret: string
  /** How far the time of the request may lie from `now`, either way, in milliseconds. @default 300_000 */
  readonly toleranceMs?: number
  /** Wall time in milliseconds since 1970. @default the system's */
  readonly now?: number
}

/** A sender that changes its secret signs with two; more than a few are an attempt to keep the receiver busy. */
const MOST_SIGNATURES = 8

/**
 * Tells whether a request was signed with this secret, not long ago, and nothing was changed since.
 * Signatures are compared in constant time. A message may come more than once: keep the `webhook-id` of the
 * last minutes, and leave out what has been seen.
 *
 * Reads what any sender signs by the Standard Webhooks specification, symmetric scheme.
 *
 * @throws `INVALID_OPTION` or `UNKNOWN_OPTION` for a secret or a tolerance that cannot be used, never for a request
 * @example
 * const isOurs = verifyWebhook({ headers: request.headers, body, secret: process.env.WEBHOOK_SECRET! })
 * if (!isOurs) response.writeHead(401).end()
 */
export function verifyWebhook(options: VerifyWebhookOptions): boolean {
  refuseUnknown('verifyWebhook', options, { headers: 1, body: 1, secret: 1, toleranceMs: 1, now: 1 })
  const { headers, body } = options
  const key = signingKey('verifyWebhook: secret', options.secret)
  const toleranceMs = duration('verifyWebhook: toleranceMs', options.toleranceMs ?? 300_000)
  const now = numberWithin('verifyWebhook: now', options.now ?? systemClock.now(), 0, Number.MAX_VALUE)

  const id = headerOf(headers, 'webhook-id')
  const time = headerOf(headers, 'webhook-timestamp')
  const signatures = headerOf(headers, 'webhook-signature')
  if (!id || !time || !signatures || !/^\d{1,12}$/.test(time)) return false
  if (typeof body !== 'string' && !(body instanceof Uint8Array)) return false

  const timestamp = Number(time)
  if (!(Math.abs(now - timestamp * 1_000) <= toleranceMs)) return false
  const expected = Buffer.from(signatureOf(key, { id, timestamp, body }))
  return signatures
    .split(' ', MOST_SIGNATURES)
    .map((candidate) => Buffer.from(candidate))
    .some((candidate) => candidate.length === expected.length && timingSafeEqual(candidate, expected))
}

/** The one value of a header, whatever the case of its name; a header that is there twice has none. */
function headerOf(headers: WebhookHeaders, name: string): string | undefined {
  if (typeof headers !== 'object' || headers === null) return undefined
  if ('get' in headers && typeof headers.get === 'function') return headers.get(name) ?? undefined
  const values = Object.entries(headers)
    .filter(([key]) => key.toLowerCase() === name)
    .flatMap(([, value]) => value as string | readonly string[] | undefined)
  const [value] = values
  return values.length === 1 && typeof value === 'string' ? value : undefined
}
