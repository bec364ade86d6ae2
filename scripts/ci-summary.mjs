// Adds up what the runners reported: `node scripts/ci-summary.mjs <part>=<exit code> …`. First it names what did not
// pass, because the last lines are often all that is kept of a run; the last line is the sum.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { CHECK_REPORT } from './check.mjs'
import { MATRIX_REPORT } from './node-matrix.mjs'
import { countTests } from './test.mjs'
import { REPORTS } from './workspace.mjs'

/** The report of the judge's benchmark: `{ passed, failed }` of its aims. */
const JUDGE_REPORT = join(REPORTS, 'judge.json')

/** So many lines about one part; a broken fixture fails hundreds of tests for one reason. */
const MOST_LINES = 20

const read = (file) => (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined)

const sum = (numbers) => numbers.reduce((total, number) => total + number, 0)

/** What the report of each part says: how many passed and failed, and a line about each that did not pass. */
const reports = {
  test() {
    const counted = countTests()
    if (counted === undefined) return undefined
    const { passed, failed, skipped } = counted
    const lines = [
      ...failed.map(({ file, name, message }) => `failed ${file}: ${name}: ${message}`),
      ...skipped.map(({ file, name }) => `skipped ${file}: ${name}`),
    ]
    return { passed, failed: lines.length, lines }
  },
  check() {
    const checks = read(CHECK_REPORT)
    if (checks === undefined) return undefined
    const lines = checks.filter(({ passed }) => !passed).map(({ name }) => `failed ${name}`)
    return { passed: checks.length - lines.length, failed: lines.length, lines }
  },
  matrix() {
    const versions = read(MATRIX_REPORT)
    if (versions === undefined) return undefined
    const lines = versions
      .filter(({ passed, failed }) => failed > 0 || passed === 0)
      .map(({ node, manager, failed }) => `failed Node ${node}, installed with ${manager}: ${failed} failed`)
    return {
      passed: sum(versions.map(({ passed }) => passed)),
      failed: sum(versions.map(({ failed }) => failed)),
      lines,
    }
  },
  judge() {
    const aims = read(JUDGE_REPORT)
    return aims && { ...aims, lines: [] }
  },
}

/** A part that ended badly without a failure of its own in the report, or reported nothing, has failed once. */
function resultOf(argument) {
  const [part, code] = argument.split('=')
  const { passed, failed, lines } = reports[part]() ?? { passed: 0, failed: 0, lines: [] }
  if (failed > 0 || (code === '0' && passed > 0)) return { part, passed, failed, lines }
  return { part, passed, failed: 1, lines: [`ended with ${code}, and no report names a failure`] }
}

const parts = process.argv.slice(2).map(resultOf)

for (const { part, lines } of parts) {
  for (const line of lines.slice(0, MOST_LINES)) console.log(`${part}: ${line}`)
  if (lines.length > MOST_LINES) console.log(`${part}: and ${lines.length - MOST_LINES} more`)
}
for (const { part, passed, failed } of parts) console.log(`${part}: ${passed} passed, ${failed} failed`)
const failed = sum(parts.map((each) => each.failed))
console.log(`${sum(parts.map((each) => each.passed))} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1
