/**
 * Estimates how long runs take, from the runs so far: each judge in each situation by its own mean.
 *
 * @param {readonly import('./ledger.mjs').Entry[]} entries
 */
export function createDuration(entries) {
  const known = new Map()
  let overall = { runs: 0, ms: 0 }
  const more = ({ runs, ms }, tookMs) => ({ runs: runs + 1, ms: ms + tookMs })
  const keyOf = ({ scenario, judge }) => `${scenario}/${judge}`
  const meanOf = ({ runs, ms }) => (runs === 0 ? 0 : ms / runs)

  const add = (job, tookMs) => {
    known.set(keyOf(job), more(known.get(keyOf(job)) ?? { runs: 0, ms: 0 }, tookMs))
    overall = more(overall, tookMs)
  }
  for (const entry of entries) if (entry.tookMs !== undefined) add(entry, entry.tookMs)

  return {
    add,
    /** Returns the time of some jobs one after the other, in milliseconds. */
    of: (jobs) => jobs.reduce((sum, job) => sum + meanOf(known.get(keyOf(job)) ?? overall), 0),
  }
}
