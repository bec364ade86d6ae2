import { createHash } from 'node:crypto'

/** Hexadecimal digits that are kept: 64 bits tell far more users apart than one store of traces holds. */
const DIGITS = 16

/**
 * A pseudonym for a routing key: the first 64 bits of SHA-256 over the rollout's name and the key.
 *
 * The same user has another one in another rollout. It is no secret: who can guess a key can check the guess.
 */
export function pseudonymOf(rollout: string, key: string): string {
  return createHash('sha256').update(`${rollout}:${key}`).digest('hex').slice(0, DIGITS)
}
