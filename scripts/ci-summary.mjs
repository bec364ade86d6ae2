// Adds up what the runners reported: `node scripts/ci-summary.mjs <part>=<exit code> …`, the last line is the sum.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { CHECK_REPORT } from './check.mjs'
import { MATRIX_REPORT } from './node-matrix.mjs'
import { countTests } from './test.mjs'
import { REPORTS } from './workspace.mjs'

/** The report of the judge's benchmark: `{ passed, failed }` of its aims. */
const JUDGE_REPORT = join(REPORTS, 'judge.json')

const read = (file) => (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined)

const sum = (numbers) => numbers.reduce((total, number) => total + number, 0)

const counts = {
  test() {
    const counted = countTests()
    return counted && { passed: counted.passed, failed: counted.failed + counted.skipped.length }
  },
  check() {
    const checks = read(CHECK_REPORT)
    const passed = checks?.filter((check) => check.passed).length
    return checks && { passed, failed: checks.length - passed }
  },
  matrix() {
    const versions = read(MATRIX_REPORT)
    return (
      versions && { passed: sum(versions.map((each) => each.passed)), failed: sum(versions.map((each) => each.failed)) }
    )
  },
  judge() {
    return read(JUDGE_REPORT)
  },
}

const parts = process.argv.slice(2).map((argument) => {
  const [part, code] = argument.split('=')
  const { passed, failed } = counts[part]() ?? { passed: 0, failed: 0 }
  // A part that ended badly without a failure of its own in the report, or reported nothing, has failed once.
  const isBad = code !== '0' || passed + failed === 0
  return { part, passed, failed: failed || (isBad ? 1 : 0) }
})

for (const { part, passed, failed } of parts) console.log(`${part}: ${passed} passed, ${failed} failed`)
const failed = sum(parts.map((each) => each.failed))
console.log(`${sum(parts.map((each) => each.passed))} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1
