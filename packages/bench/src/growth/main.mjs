// Measures all situations, keeps the figures in `growth.json`, and shows them in docs/performance.md and in
// docs/charts/growth.svg: `npm run --prefix packages/bench bench:growth`; with `-- --kept`, only shows what is kept.
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { writeReport } from './report/write.mjs'
import { growthOf } from './run.mjs'
import { SITUATIONS } from './situations.mjs'

const KEPT = new URL('../../growth.json', import.meta.url)
const DOCS = fileURLToPath(new URL('../../../../docs', import.meta.url))

if (!process.argv.includes('--kept')) {
  const measured = {}
  for (const name of Object.keys(SITUATIONS)) {
    measured[name] = await growthOf(name, 'full')
    console.log(name, JSON.stringify(measured[name]))
  }
  writeFileSync(KEPT, `${JSON.stringify(measured, rounded, 2)}\n`)
}
for (const file of writeReport(DOCS, JSON.parse(readFileSync(KEPT, 'utf8')))) console.log(`wrote ${file}`)

function rounded(_name, value) {
  return typeof value === 'number' ? Math.round(value * 1_000) / 1_000 : value
}
