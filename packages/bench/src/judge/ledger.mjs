import { appendFileSync, existsSync, readFileSync, truncateSync } from 'node:fs'

/**
 * One finished run as a line of JSON: what was run, on which build, and how it went.
 *
 * @typedef {{ scenario: string, judge: string, seed: number, build: string } & import('./outcome.mjs').Outcome} Entry
 */

/**
 * Opens the results so far, in memory and in a file with a line of JSON each. A later start continues from the file.
 *
 * An incomplete line is dropped. Results of another build stay in the file and do not count.
 *
 * @param {{ file?: string, build: string }} options
 */
export function openLedger({ file, build }) {
  const entries = new Map()
  const keyOf = ({ scenario, judge, seed }) => `${scenario}/${judge}/${seed}`
  if (file !== undefined) {
    for (const entry of readEntries(file)) if (entry.build === build) entries.set(keyOf(entry), entry)
  }

  return {
    has: (job) => entries.has(keyOf(job)),
    get: (job) => entries.get(keyOf(job)),
    /** Returns every result of one judge in one situation. */
    of: (scenario, judge) =>
      [...entries.values()].filter((entry) => entry.scenario === scenario && entry.judge === judge),
    add(job, outcome) {
      const { scenario, judge, seed } = job
      const entry = { scenario, judge, seed, build, ...outcome }
      entries.set(keyOf(job), entry)
      if (file !== undefined) appendFileSync(file, `${JSON.stringify(entry)}\n`)
    },
  }
}

function readEntries(file) {
  if (!existsSync(file)) return []
  const text = readFileSync(file, 'utf8')
  const whole = text.slice(0, text.lastIndexOf('\n') + 1)
  if (whole.length < text.length) truncateSync(file, Buffer.byteLength(whole))
  return whole.split('\n').filter(Boolean).map(JSON.parse)
}
