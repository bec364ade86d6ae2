import { ALL_SCENARIOS } from './line-up.mjs'
import { runPool } from './pool.mjs'

/**
 * Computes some of the results again that earlier starts left in the file, and rejects if one is different now.
 *
 * The hash of the build covers what decides. If something else changes a result, such as the recorder, this finds it.
 *
 * @param {{ worker: string | URL, entries: readonly import('./ledger.mjs').Entry[] }} options
 */
export async function spotCheck({ worker, entries }) {
  const different = []
  await runPool({
    worker,
    jobs: sampleOf(entries),
    onResult(entry, outcome) {
      const was = told(entry)
      const is = told({ ...jobOf(entry), ...outcome })
      if (was !== is) different.push(`${was} is now ${is}`)
    },
  })
  if (different.length === 0) return
  throw new Error(
    `the file holds other results, although what decides is the same: ${different[0]}; name a new file with --out`,
  )
}

const jobOf = ({ scenario, judge, seed }) => ({ scenario, judge, seed })

/**
 * Returns what a run determines, as text: all but the build and the time that it took.
 *
 * @param {import('./ledger.mjs').Entry} entry
 */
export const told = ({ tookMs: _, build: _build, ...entry }) => JSON.stringify(entry)

/** Returns the quickest run of each group of situations, of the library's judge if it has any. */
function sampleOf(entries) {
  const own = entries.filter(({ judge }) => judge === 'evidence')
  const quickest = new Map()
  for (const entry of own.length > 0 ? own : entries) {
    const group = ALL_SCENARIOS.find(({ name }) => name === entry.scenario)?.group ?? entry.scenario
    if (tookMs(entry) < tookMs(quickest.get(group))) quickest.set(group, entry)
  }
  return [...quickest.values()]
}

const tookMs = (entry) => (entry === undefined ? Number.POSITIVE_INFINITY : (entry.tookMs ?? Number.MAX_VALUE))
