import { appendFileSync, existsSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { gunzipSync, gzipSync } from 'node:zlib'

/**
 * One finished run as a line of JSON: what was run, on which build, how it went, and how long it took in real time.
 *
 * @typedef {{ scenario: string, judge: string, seed: number, build: string, tookMs?: number }
 *   & import('./outcome.mjs').Outcome} Entry
 */

/**
 * Opens the results so far, in memory and in a file with a line of JSON each. A later start continues from the file.
 *
 * An incomplete line does not count, and is cut off before the first line is added: until then, another process may be
 * writing it. Results of another build stay in the file and do not count.
 *
 * @param {object} options
 * @param {string} [options.file]
 * @param {string} [options.kept] a compressed file with further results, which is not written
 * @param {string} options.build
 */
export function openLedger({ file, kept, build }) {
  const entries = new Map()
  const inFile = [kept, file].flatMap((each) => (each === undefined ? [] : readEntries(each)))
  for (const entry of inFile) if (entry.build === build) entries.set(keyOf(entry), entry)
  let isWhole = file === undefined

  return {
    has: (job) => entries.has(keyOf(job)),
    get: (job) => entries.get(keyOf(job)),
    /** Returns every result, in the order of the file. */
    all: () => [...entries.values()],
    /** Returns every result of one judge in one situation. */
    of: (scenario, judge) =>
      [...entries.values()].filter((entry) => entry.scenario === scenario && entry.judge === judge),
    /** Returns the builds of which the file had results when it was opened. */
    builds: () => [...new Set(inFile.map((entry) => entry.build))],
    add(job, outcome, tookMs) {
      const { scenario, judge, seed } = job
      const entry = { scenario, judge, seed, build, ...outcome, ...(tookMs !== undefined && { tookMs }) }
      entries.set(keyOf(job), entry)
      if (!isWhole) cutIncompleteLine(file)
      isWhole = true
      if (file !== undefined) appendFileSync(file, `${JSON.stringify(entry)}\n`)
    },
  }
}

const keyOf = ({ scenario, judge, seed }) => `${scenario}/${judge}/${seed}`

const wholeLinesOf = (text) => text.slice(0, text.lastIndexOf('\n') + 1)

/** Writes entries into a compressed file, in place of what it held. */
export function keepEntries(file, entries) {
  const lines = entries.map((entry) => `${JSON.stringify(entry)}\n`).sort()
  writeFileSync(file, gzipSync(lines.join(''), { level: 9 }))
}

function readEntries(file) {
  if (!existsSync(file)) return []
  const content = readFileSync(file)
  const text = (file.endsWith('.gz') ? gunzipSync(content) : content).toString('utf8')
  return wholeLinesOf(text).split('\n').filter(Boolean).map(JSON.parse)
}

function cutIncompleteLine(file) {
  if (!existsSync(file)) return
  const text = readFileSync(file, 'utf8')
  const whole = wholeLinesOf(text)
  if (whole.length < text.length) truncateSync(file, Buffer.byteLength(whole))
}
