import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { exposure } from './exposure.mjs'
import { highlightsOf, tablesOf } from './markdown.mjs'
import { operatingCharacteristic } from './operating-characteristic.mjs'
import { promotionTime } from './promotion-time.mjs'
import { replaced } from './replaced.mjs'

const CHARTS = {
  'operating-characteristic.svg': operatingCharacteristic,
  'exposure.svg': exposure,
  'promotion-time.svg': promotionTime,
}

/** The pages with generated tables: some of them for a first reading, and all of them. */
const PAGES = { 'statistics.md': highlightsOf, 'benchmark.md': tablesOf }

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
    return [page, replaced(readFileSync(page, 'utf8'), tables(rows, build, charts), 'bench:judge')]
  }) // all of them before anything is written, because a page may lack the markers

  mkdirSync(join(folder, 'charts'), { recursive: true })
  const files = [...pages, ...drawings.map(({ name, content }) => [join(folder, 'charts', name), content])]
  for (const [file, content] of files) writeFileSync(file, content)
  return files.map(([file]) => file)
}
