import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { exposure } from './exposure.mjs'
import { highlightsOf, tablesOf } from './markdown.mjs'
import { operatingCharacteristic } from './operating-characteristic.mjs'
import { promotionTime } from './promotion-time.mjs'

const CHARTS = {
  'operating-characteristic.svg': operatingCharacteristic,
  'exposure.svg': exposure,
  'promotion-time.svg': promotionTime,
}

/** The pages with generated tables: some of them for a first reading, and all of them. */
const PAGES = { 'statistics.md': highlightsOf, 'benchmark.md': tablesOf }

/** Between these two lines of a page everything is generated. */
const BEGIN = '<!-- bench:judge -->'
const END = '<!-- /bench:judge -->'

/**
 * Writes tables into a folder's `statistics.md` and `benchmark.md`, and charts into its `charts`. Returns the files.
 *
 * @param {string} folder
 * @param {{ rows: readonly import('../row.mjs').Row[], build: string }} results
 */
export function writeReport(folder, { rows, build }) {
  const drawings = Object.entries(CHARTS)
    .map(([name, draw]) => ({ name, content: draw(rows) }))
    .filter(({ content }) => content !== undefined)
  const charts = drawings.map(({ name }) => `charts/${name}`)
  const pages = Object.entries(PAGES).map(([name, tables]) => {
    const page = join(folder, name)
    return [page, replaced(readFileSync(page, 'utf8'), tables(rows, build, charts))]
  }) // all of them before anything is written, because a page may lack the markers

  mkdirSync(join(folder, 'charts'), { recursive: true })
  const files = [...pages, ...drawings.map(({ name, content }) => [join(folder, 'charts', name), content])]
  for (const [file, content] of files) writeFileSync(file, content)
  return files.map(([file]) => file)
}

/**
 * Returns a page with the text between its markers replaced.
 *
 * @param {string} page
 * @param {string} content
 */
export function replaced(page, content) {
  const begin = page.indexOf(BEGIN)
  const end = page.indexOf(END)
  if (begin < 0 || end < begin) throw new Error(`the page needs a line ${BEGIN} and, below it, a line ${END}`)
  return `${page.slice(0, begin + BEGIN.length)}\n\n${content}\n\n${page.slice(end)}`
}
