import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { exposure } from './exposure.mjs'
import { tablesOf } from './markdown.mjs'
import { operatingCharacteristic } from './operating-characteristic.mjs'
import { promotionTime } from './promotion-time.mjs'

const CHARTS = {
  'operating-characteristic.svg': operatingCharacteristic,
  'exposure.svg': exposure,
  'promotion-time.svg': promotionTime,
}

/** Between these two lines of the page everything is generated. */
const BEGIN = '<!-- bench:judge -->'
const END = '<!-- /bench:judge -->'

/**
 * Writes tables into a folder's `statistics.md` and charts into the same folder. Returns the files.
 *
 * @param {string} folder
 * @param {{ rows: readonly import('../row.mjs').Row[], build: string }} results
 */
export function writeReport(folder, { rows, build }) {
  const page = join(folder, 'statistics.md')
  const before = readFileSync(page, 'utf8')
  const drawings = Object.entries(CHARTS)
    .map(([name, draw]) => ({ name, content: draw(rows) }))
    .filter(({ content }) => content !== undefined)
  const tables = tablesOf(
    rows,
    build,
    drawings.map(({ name }) => `charts/${name}`),
  )
  const after = replaced(before, tables) // before anything is written, because the page may lack the markers

  mkdirSync(join(folder, 'charts'), { recursive: true })
  for (const { name, content } of drawings) writeFileSync(join(folder, 'charts', name), content)
  writeFileSync(page, after)
  return [page, ...drawings.map(({ name }) => join(folder, 'charts', name))]
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
