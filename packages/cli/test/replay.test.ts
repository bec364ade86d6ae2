import { seededRandom } from '@model-canary/testing'
import { describe, expect, it } from 'vitest'
import { folderWith } from './files.fixture.js'
import { ran } from './run.fixture.js'

const ORIGIN = Date.UTC(2026, 0, 2, 3, 4, 5)
const POLICY = { guardrails: [{ kind: 'errorRate', margin: 0.03 }] }

/** Twenty requests a second for ten minutes of the baseline and then, with a fifth on the canary, for some time. */
function recorded(canaryErrors: number, seconds: number, more: object = {}): string {
  const random = seededRandom(3)
  const lines = Array.from({ length: 20 * (600 + seconds) }, (_, index) => {
    const variant = index >= 12_000 && random() < 0.2 ? 'canary' : 'baseline'
    const hasFailed = random() < (variant === 'canary' ? canaryErrors : 0.01)
    const at = new Date(ORIGIN + 50 * index).toISOString()
    return JSON.stringify({ variant, at, durationMs: 40, outcome: hasFailed ? 'error' : 'success', ...more })
  })
  return `${lines.join('\n')}\n`
}

async function replay(record: string, ...args: readonly string[]) {
  const path = folderWith({ 'requests.jsonl': record, 'policy.json': POLICY })
  return ran(['replay', path('requests.jsonl'), '--policy', path('policy.json'), ...args])
}

describe('model-canary replay', () => {
  it('ends with 0 for a canary that would have gone on, and explains each decision', async () => {
    const { code, stdout, stderr } = await replay(recorded(0.01, 600))
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(
      /^[\d,]+ baseline and [\d,]+ canary requests from 2026-01-02T03:14:05Z on, as one step at \d/,
    )
    expect(stdout).toMatch(/\n2026-01-02T03:1\d:\d\dZ hold by judge, after 15 s: waiting for time\n/)
    expect(stdout).toMatch(/\n2026-01-02T03:1\d:\d\dZ advance by judge, .*\n {2}errorRate is held: /)
    expect(stdout).toMatch(/the canary would have gone on to the next step, .* after its first request\n$/)
  })

  it('ends with 1 for one that would have been rolled back, with the guardrail', async () => {
    const { code, stdout } = await replay(recorded(0.3, 600), '--json')
    expect(code).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({
      end: 'rolledBack',
      history: expect.arrayContaining([expect.objectContaining({ action: 'rollback', actor: 'judge' })]),
    })
  })

  it('ends with 4 if the record is too short, and says what is missing', async () => {
    const { code, stdout } = await replay(recorded(0.01, 20))
    expect(code).toBe(4)
    expect(stdout).toMatch(/nothing was decided when the record ended.*\n {2}waits for time in the step: /)
  })

  it('names members that mean nothing, safely', async () => {
    const { code, stderr } = await replay(recorded(0.01, 20, { outcom: 'error', '\u001b[2J': 1 }))
    expect(code).toBe(4)
    expect(stderr).toBe('members that mean nothing here: outcom, \\u001b[2J\n')
  })

  it('never writes control characters of a record to a terminal', async () => {
    const path = folderWith({
      'requests.jsonl': recorded(0.01, 120, { prediction: 'a\u001b[2Jb\u009b' }),
      'policy.json': { guardrails: [{ kind: 'predictionShift' }] },
    })
    const { stdout } = await ran(['replay', path('requests.jsonl'), '--policy', path('policy.json')])
    expect(stdout).toContain('predictionShift')
    for (const unit of ['\u001b', '\u009b']) expect(stdout).not.toContain(unit)
  })

  it.each([
    ['', /has no requests/],
    ['{"variant":"v2","at":1,"durationMs":1}', /line 1: variant must be baseline or canary/],
    ['\n{"variant":"canary","at":"2026-01-02 03:04","durationMs":1}', /line 2: at must be when the request ended/],
    ['{"variant":"canary","at":"2026-01-02T03:04:05","durationMs":1}', /line 1: at must be/],
    ['{"variant":"canary","at":1,"durationMs":-1}', /line 1: durationMs/],
    ['{"variant":"canary","at":1,"durationMs":1,"outcome":"ok"}', /line 1: outcome must be one of success/],
    ['oops', /line 1: it is not a JSON object/],
    ['{"variant":"baseline","at":1,"durationMs":1}', /none of them was served by the canary/],
  ])('ends with 2 for %j', async (record, message) => {
    const { code, stdout, stderr } = await replay(record)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(message)
  })
})
