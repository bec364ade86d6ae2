/** More replications than are ever run, so that the seeds of two scenarios differ. */
export const MOST_REPLICATIONS = 2 ** 20

/**
 * The seed of one replication: the same for every judge, so that all see the same traffic.
 *
 * @param {string} scenario
 * @param {number} replication from 0 up
 * @param {string} [salt] gives other seeds: figures that hold only on the seeds they were tuned on do not count
 */
export function seedOf(scenario, replication, salt = '') {
  return hashOf(`${salt}/${scenario}`) * MOST_REPLICATIONS + replication
}

/** FNV-1a, 32 bits: Fowler, Noll and Vo. */
function hashOf(text) {
  let hash = 0x811c9dc5
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193)
  return hash >>> 0
}
