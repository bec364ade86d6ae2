import { runPool } from './pool.mjs'

/** How many results of earlier starts are computed again. */
const CHECKS = 6

/**
 * Computes a few of the results again that earlier starts left in the file, and rejects if one is different now.
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

/** Returns what a run determines. */
const told = ({ tookMs: _tookMs, build: _build, ...entry }) => JSON.stringify(entry)

/** Returns the quickest run of each of a few situations, from the whole line-up, of the library's judge if it has any. */
function sampleOf(entries) {
  const own = entries.filter(({ judge }) => judge === 'evidence')
  const quickest = new Map()
  for (const entry of own.length > 0 ? own : entries) {
    const { tookMs = Number.POSITIVE_INFINITY } = quickest.get(entry.scenario) ?? {}
    if (!quickest.has(entry.scenario) || entry.tookMs < tookMs) quickest.set(entry.scenario, entry)
  }
  const all = [...quickest.values()].sort((a, b) => (a.tookMs ?? 0) - (b.tookMs ?? 0))
  const usual = all.slice(0, Math.ceil(all.length / 2)) // the slower half takes long
  const every = Math.max(1, usual.length / CHECKS)
  return Array.from({ length: Math.min(CHECKS, usual.length) }, (_, at) => usual[Math.floor(at * every)])
}
