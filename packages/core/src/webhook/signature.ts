import { createHmac } from 'node:crypto'
import { CanaryError } from '../foundation/errors.js'

/** The prefix of a base64 secret in the Standard Webhooks specification. */
const PREFIX = 'whsec_'

/** The minimum length of a secret, in characters. */
const SHORTEST_SECRET = 16

/** The signed parts of a request. */
export interface Signed {
  readonly id: string
  /** The time of this attempt, in whole seconds since 1970. */
  readonly timestamp: number
  readonly body: string | Uint8Array
}

/**
 * Returns the key of a secret: its bytes, or the decoded base64 after `whsec_`.
 * Errors never show the secret.
 *
 * @param advice what to do about a secret that is missing or too short
 * @throws `INVALID_OPTION`
 */
export function signingKey(
  name: string,
  secret: unknown,
  advice = 'make one with randomBytes(32), or leave the option out to send unsigned',
): Buffer {
  if (typeof secret !== 'string' || secret.length < SHORTEST_SECRET) {
    throw new CanaryError(
      'INVALID_OPTION',
      `${name} must be a string of ${SHORTEST_SECRET} characters or more; ${advice}`,
    )
  }
  if (!secret.startsWith(PREFIX)) return Buffer.from(secret)
  const encoded = secret.slice(PREFIX.length)
  const key = Buffer.from(encoded, 'base64')
  if (/^[A-Za-z0-9+/]+={0,2}$/.test(encoded) && key.length >= SHORTEST_SECRET) return key
  throw new CanaryError(
    'INVALID_OPTION',
    `${name}: the part after ${PREFIX} must be base64 of ${SHORTEST_SECRET} bytes or more`,
  )
}

/**
 * Returns the value of `webhook-signature`: a version, and the HMAC-SHA256 of id, time and body.
 *
 * Standard Webhooks 1.0, symmetric signature scheme.
 */
export function signatureOf(key: Buffer, { id, timestamp, body }: Signed): string {
  const digest = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest('base64')
  return `v1,${digest}`
}
