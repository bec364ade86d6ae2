import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { replaced } from '../../judge/report/replaced.mjs'
import { growthChart } from './chart.mjs'
import { tablesOf } from './table.mjs'

/**
 * Writes the tables into a folder's `performance.md`, and the chart into its `charts`. Returns the files.
 *
 * @param {string} folder
 * @param {Readonly<Record<string, import('../run.mjs').Growth>>} measured
 */
export function writeReport(folder, measured) {
  const page = join(folder, 'performance.md')
  const chart = join(folder, 'charts', 'growth.svg')
  writeFileSync(page, replaced(readFileSync(page, 'utf8'), tablesOf(measured), 'bench:growth'))
  writeFileSync(chart, growthChart(measured))
  return [page, chart]
}
