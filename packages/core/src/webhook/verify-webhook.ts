import { timingSafeEqual } from 'node:crypto'
import { type Defaults, duration, numberWithin, refuseUnknown } from '../foundation/options.js'
import { systemClock } from '../runtime/clock.js'
import { signatureOf, signingKey } from './signature.js'

/** Headers in the form of `fetch` or of `node:http`. */
export type WebhookHeaders =
  | { get(name: string): string | null }
  | Readonly<Record<string, string | readonly string[] | undefined>>

/** A request that claims to be a webhook, and what it is verified with. */
export interface VerifyWebhookOptions {
  /** The headers of the request, as an object or as `Headers`. */
  readonly headers: WebhookHeaders
  /** The raw body, before it is parsed. */
  readonly body: string | Uint8Array
  /** The secret that the webhook signs with. */
  readonly secret: string
  /** The allowed difference between the time of the request and `now`, in milliseconds. @default 300_000 */
  readonly toleranceMs?: number
  /** Wall time in milliseconds since 1970. @default the system time */
  readonly now?: number
}

/** What an option is if it is not given. */
const VERIFY_WEBHOOK_DEFAULTS = { toleranceMs: 300_000 } as const satisfies Defaults<VerifyWebhookOptions>

/** A sender that rotates its secret signs with two; many signatures are an attempt to overload the receiver. */
const MOST_SIGNATURES = 8

/**
 * Returns whether a request was signed with this secret within `toleranceMs`, and not changed since.
 * Signatures are compared in constant time. A message may arrive more than once: remember the `webhook-id`s of the
 * last minutes, and skip repeated ones.
 *
 * Accepts any sender that follows the symmetric scheme of the Standard Webhooks specification.
 *
 * @throws `INVALID_OPTION` or `UNKNOWN_OPTION` for a secret or a tolerance that cannot be used, never for a request
 * @example
 * const isOurs = verifyWebhook({ headers: request.headers, body, secret: process.env.WEBHOOK_SECRET! })
 * if (!isOurs) response.writeHead(401).end()
 */
export function verifyWebhook(options: VerifyWebhookOptions): boolean {
  refuseUnknown('verifyWebhook', options, { headers: 1, body: 1, secret: 1, toleranceMs: 1, now: 1 })
  const { headers, body } = options
  const key = signingKey('verifyWebhook: secret', options.secret, 'pass the one that the sender signs with')
  const toleranceMs = duration('verifyWebhook: toleranceMs', options.toleranceMs ?? VERIFY_WEBHOOK_DEFAULTS.toleranceMs)
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

/** Returns the value of a header, ignoring the case of its name; `undefined` if the header occurs twice. */
function headerOf(headers: WebhookHeaders, name: string): string | undefined {
  if (typeof headers !== 'object' || headers === null) return undefined
  if ('get' in headers && typeof headers.get === 'function') return headers.get(name) ?? undefined
  const values = Object.entries(headers)
    .filter(([key]) => key.toLowerCase() === name)
    .flatMap(([, value]) => value as string | readonly string[] | undefined)
  const [value] = values
  return values.length === 1 && typeof value === 'string' ? value : undefined
}
