import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

let folder = ''
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'model-canary-summary-')))
  cpSync(fileURLToPath(new URL('../../../scripts', import.meta.url)), join(folder, 'scripts'), { recursive: true })
  mkdirSync(join(folder, '.reports'))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** The report files of a run, by name; a part without one has reported nothing. */
type Reports = Readonly<Record<string, unknown>>

/** Runs the program as `.ci/run` does, over these reports: its exit code and its lines. */
function summaryOf(parts: readonly string[], reports: Reports): { code: number | null; lines: readonly string[] } {
  for (const [name, report] of Object.entries(reports))
    writeFileSync(join(folder, '.reports', name), JSON.stringify(report))
  const script = join(folder, 'scripts', 'ci-summary.mjs')
  const { status, stdout } = spawnSync(process.execPath, [script, ...parts], { encoding: 'utf8' })
  return { code: status, lines: stdout.trimEnd().split('\n') }
}

const test = (fullName: string, status: string, ...failureMessages: string[]) => ({ fullName, status, failureMessages })

const fileOf = (name: string, ...assertionResults: readonly ReturnType<typeof test>[]) => ({
  name: join(folder, name),
  status: assertionResults.some(({ status }) => status === 'failed') ? 'failed' : 'passed',
  message: '',
  assertionResults,
})

describe('the last lines of the whole run', () => {
  it('name each test that failed or was skipped, with the first line of the message', () => {
    const a = fileOf(
      'packages/a/test/a.test.ts',
      test('a passes', 'passed'),
      test('a fails', 'failed', '\u001B[31mAssertionError\u001B[39m: expected 1 to be 2\n    at a.test.ts:3:1'),
      test('a waits for a server', 'skipped'),
    )
    const b = { ...fileOf('packages/b/test/b.test.ts'), status: 'failed', message: 'Cannot find module x\nstack' }
    expect(summaryOf(['test=1'], { 'vitest.json': { testResults: [a, b] } })).toEqual({
      code: 1,
      lines: [
        'test: failed packages/a/test/a.test.ts: a fails: AssertionError: expected 1 to be 2',
        'test: failed packages/b/test/b.test.ts: the file itself: Cannot find module x',
        'test: skipped packages/a/test/a.test.ts: a waits for a server',
        'test: 1 passed, 3 failed',
        '1 passed, 3 failed',
      ],
    })
  })

  it('name each error that no test caught', () => {
    const errors = [
      { file: join(folder, 'x.test.ts'), test: 'x passes', message: 'Error: read ECONNRESET' },
      { message: 'TypeError: no\nmore' },
    ]
    const passed = { testResults: [fileOf('x.test.ts', test('x passes', 'passed'))] }
    expect(summaryOf(['test=1'], { 'vitest.json': passed, 'unhandled-errors.json': errors })).toEqual({
      code: 1,
      lines: [
        'test: failed x.test.ts: an error that no test caught, perhaps of x passes: Error: read ECONNRESET',
        'test: failed no file: an error outside a test: TypeError: no',
        'test: 1 passed, 2 failed',
        '1 passed, 2 failed',
      ],
    })
  })

  it('name the checks and the versions of Node that failed', () => {
    const checks = [
      { name: 'types', passed: true },
      { name: 'sizes', passed: false },
    ]
    const versions = [
      { node: 20, manager: 'npm', passed: 7, failed: 0 },
      { node: 24, manager: 'npm', passed: 5, failed: 2 },
    ]
    expect(summaryOf(['check=1', 'matrix=1'], { 'checks.json': checks, 'node-matrix.json': versions })).toEqual({
      code: 1,
      lines: [
        'check: failed sizes',
        'matrix: failed Node 24, installed with npm: 2 failed',
        'check: 1 passed, 1 failed',
        'matrix: 12 passed, 2 failed',
        '13 passed, 3 failed',
      ],
    })
  })

  it('name at most 20 of a part, and say how many more there are', () => {
    const tests = Array.from({ length: 23 }, (_, index) => test(`test ${index}`, 'failed', 'Error: no'))
    const { lines } = summaryOf(['test=1'], { 'vitest.json': { testResults: [fileOf('x.test.ts', ...tests)] } })
    expect(lines.slice(18)).toEqual([
      'test: failed x.test.ts: test 18: Error: no',
      'test: failed x.test.ts: test 19: Error: no',
      'test: and 3 more',
      'test: 0 passed, 23 failed',
      '0 passed, 23 failed',
    ])
  })

  it('say of a part that ended badly, or reported nothing, that no report names a failure', () => {
    const passed = { testResults: [fileOf('x.test.ts', test('x', 'passed'))] }
    expect(summaryOf(['test=1', 'check=124', 'judge=0'], { 'vitest.json': passed })).toEqual({
      code: 1,
      lines: [
        'test: ended with 1, and no report names a failure',
        'check: ended with 124, and no report names a failure',
        'judge: ended with 0, and no report names a failure',
        'test: 1 passed, 1 failed',
        'check: 0 passed, 1 failed',
        'judge: 0 passed, 1 failed',
        '1 passed, 3 failed',
      ],
    })
  })

  it('are only the sums where everything passed', () => {
    const reports = {
      'vitest.json': { testResults: [fileOf('x.test.ts', test('x', 'passed'))] },
      'judge.json': { passed: 9, failed: 0 },
    }
    expect(summaryOf(['test=0', 'judge=0'], reports)).toEqual({
      code: 0,
      lines: ['test: 1 passed, 0 failed', 'judge: 9 passed, 0 failed', '10 passed, 0 failed'],
    })
  })
})
