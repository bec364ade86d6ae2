import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { run } from './process.mjs'
import { REPORTS, ROOT, tool } from './workspace.mjs'

/** The report that vitest writes for machines. */
export const TEST_REPORT = join(REPORTS, 'vitest.json')

/**
 * Runs all tests, those of the types included.
 * Says which were skipped; with `CI` set, a skipped test fails the run. A run of no tests always fails.
 */
export async function test(args) {
  rmSync(TEST_REPORT, { force: true })
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${TEST_REPORT}`]
  const code = await run(process.execPath, [...tool('vitest'), 'run', ...reporters, ...args], { cwd: ROOT })

  const counted = countTests()
  if (counted === undefined || counted.passed + counted.failed === 0) {
    console.error('no test ran')
    return code || 1
  }
  if (counted.skipped.length === 0) return code
  const isSelection = args.length > 0 // the tests that a selection leaves out count as skipped
  console.log(`${counted.skipped.length} skipped${isSelection ? '' : `:\n  ${counted.skipped.join('\n  ')}`}`)
  return code || (process.env.CI && !isSelection ? 1 : 0)
}

/** How many tests passed and failed in the last run, and the names of the skipped ones; a broken file is one failure. */
export function countTests() {
  if (!existsSync(TEST_REPORT)) return undefined
  const files = JSON.parse(readFileSync(TEST_REPORT, 'utf8')).testResults
  const tests = files.flatMap((file) => file.assertionResults)
  const broken = files.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some(({ status }) => status === 'failed'),
  )
  return {
    passed: tests.filter(({ status }) => status === 'passed').length,
    failed: tests.filter(({ status }) => status === 'failed').length + broken.length,
    skipped: tests.filter(({ status }) => status !== 'passed' && status !== 'failed').map(({ fullName }) => fullName),
  }
}
