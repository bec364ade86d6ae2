import { createHash } from 'node:crypto'

/** How many hexadecimal digits are kept: 64 bits distinguish far more users than a store of traces holds. */
const DIGITS = 16

/**
 * Returns a pseudonym for a routing key: the first 64 bits of SHA-256 over the rollout's name and the key.
 *
 * A user has different pseudonyms in different rollouts. It is not secret: a guess of the key can be checked.
 */
export function pseudonymOf(rollout: string, key: string): string {
  return createHash('sha256').update(`${rollout}:${key}`).digest('hex').slice(0, DIGITS)
}
