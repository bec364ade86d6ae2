/** How many different users there are; a power of two. */
const USERS = 4_096

/** The users of a busy minute, whose keys a sticky split remembers; a power of two. */
const ACTIVE_USERS = 256

/** So many users that a sticky split has forgotten each when it comes again; a power of two. */
const MANY_USERS = 32_768

/** Keys such as a service has: an id with a prefix. */
const KEYS = Array.from({ length: MANY_USERS }, (_, index) => `user_${(index * 7_919).toString(36).padStart(6, '0')}`)

/**
 * The key of the n-th request.
 *
 * @param {number} n
 */
export function keyAt(n) {
  return KEYS[n & (USERS - 1)]
}

/**
 * The key of the n-th request of a few users who come back.
 *
 * @param {number} n
 */
export function activeKeyAt(n) {
  return KEYS[n & (ACTIVE_USERS - 1)]
}

/**
 * The key of the n-th request, each of another user.
 *
 * @param {number} n
 */
export function newKeyAt(n) {
  return KEYS[n & (MANY_USERS - 1)]
}

/**
 * Checks that a peer splits by key: about a tenth of the keys, and each key always the same way.
 *
 * @param {string} name
 * @param {(key: string) => boolean | Promise<boolean>} decide
 */
export async function checkDecides(name, decide) {
  let hits = 0
  for (const key of KEYS.slice(0, USERS)) {
    const [first, second] = [await decide(key), await decide(key)]
    if (first !== second) throw new Error(`${name} is not sticky`)
    if (first) hits++
  }
  const share = hits / USERS
  if (!(share > 0.08 && share < 0.12)) throw new Error(`${name} gives ${share} of the keys the canary instead of 0.1`)
}
