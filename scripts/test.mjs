import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join, relative } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { run } from './process.mjs'
import { REPORTS, ROOT, tool } from './workspace.mjs'

/** The report that vitest writes for machines. */
export const TEST_REPORT = join(REPORTS, 'vitest.json')

/** The errors of the last run that no test caught, as `unhandled-errors.mjs` writes them. */
const UNHANDLED_REPORT = join(REPORTS, 'unhandled-errors.json')

/**
 * Runs all tests, those of the types included.
 * Says which were skipped; with `CI` set, a skipped test fails the run. A run of no tests always fails.
 */
export async function test(args) {
  for (const report of [TEST_REPORT, UNHANDLED_REPORT]) rmSync(report, { force: true })
  const unhandled = join(ROOT, 'scripts', 'unhandled-errors.mjs')
  const reporters = ['--reporter=default', '--reporter=json', `--reporter=${unhandled}`]
  const code = await run(
    process.execPath,
    [...tool('vitest'), 'run', ...reporters, `--outputFile.json=${TEST_REPORT}`, ...args],
    { cwd: ROOT, env: { UNHANDLED_REPORT } },
  )

  const counted = countTests()
  if (counted === undefined || counted.passed + counted.failed.length === 0) {
    console.error('no test ran')
    return code || 1
  }
  if (counted.skipped.length === 0) return code
  const isSelection = args.length > 0 // the tests that a selection leaves out count as skipped
  const names = counted.skipped.map(({ name }) => `\n  ${name}`)
  console.log(`${names.length} skipped${isSelection ? '' : `:${names.join('')}`}`)
  return code || (process.env.CI && !isSelection ? 1 : 0)
}

/**
 * How many tests passed in the last run, and which failed and were skipped.
 * A broken file is one failure, and so is an error that no test caught.
 */
export function countTests() {
  if (!existsSync(TEST_REPORT)) return undefined
  const files = JSON.parse(readFileSync(TEST_REPORT, 'utf8')).testResults
  const tests = files.flatMap(({ name, assertionResults }) =>
    assertionResults.map(({ fullName, status, failureMessages }) => ({
      file: relative(ROOT, name),
      name: fullName,
      status,
      message: firstLine(failureMessages?.[0]),
    })),
  )
  const broken = files
    .filter(({ status, assertionResults }) => status === 'failed' && !assertionResults.some(hasFailed))
    .map(({ name, message }) => ({ file: relative(ROOT, name), name: 'the file itself', message: firstLine(message) }))
  return {
    passed: tests.filter(hasPassed).length,
    failed: [...tests.filter(hasFailed), ...broken, ...unhandledErrors()],
    skipped: tests.filter((test) => !hasPassed(test) && !hasFailed(test)),
  }
}

function unhandledErrors() {
  if (!existsSync(UNHANDLED_REPORT)) return []
  return JSON.parse(readFileSync(UNHANDLED_REPORT, 'utf8')).map(({ file, test, message }) => ({
    file: file === undefined ? 'no file' : relative(ROOT, file),
    name: test === undefined ? 'an error outside a test' : `an error that no test caught, perhaps of ${test}`,
    message: firstLine(message),
  }))
}

const hasPassed = ({ status }) => status === 'passed'

const hasFailed = ({ status }) => status === 'failed'

const firstLine = (text = '') => stripVTControlCharacters(text).trim().split('\n', 1)[0]
