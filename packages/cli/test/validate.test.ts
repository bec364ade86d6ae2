import { describe, expect, it } from 'vitest'
import { folderWith } from './files.fixture.js'
import { ran } from './run.fixture.js'

const validate = (plan: string | object, ...args: readonly string[]) =>
  ran(['validate', folderWith({ 'plan.json': plan })('plan.json'), ...args])

describe('model-canary validate', () => {
  it('shows a plan with every default', async () => {
    const { code, stdout } = await validate({ plan: [5, 100], guardrails: [{ kind: 'errorRate', margin: 0.01 }] })
    expect(code).toBe(0)
    expect(stdout).toBe(
      [
        'warm-up     2 % for 1 min',
        'step 1      5 %, at least 1 min and 100 requests of each version',
        'step 2      100 %, at least 1 min and 100 requests of each version',
        'bake        1 min, 10 % for the baseline',
        'guardrail   {"kind":"errorRate","name":"errorRate","severity":"rollback","margin":0.01,"limit":null}',
        'judge       evidence',
        '',
      ].join('\n'),
    )
  })

  it('takes every kind of guardrail, both judges, and the other options that are plain data', async () => {
    const file = {
      plan: { steps: [{ weight: 20, minDurationMs: 60_000, minRequests: 0, gate: 'manual' }, full] },
      guardrails: [
        ...['errorRate', 'timeoutRate', 'abortRate', 'rejectedRate', 'unansweredRate'].map((kind) => ({ kind })),
        ...['latency', 'tailLatency', 'predictionShift'].map((kind) => ({ kind })),
        { kind: 'scoreShift', margin: 0.1 },
        { kind: 'metric', metric: 'clicks', direction: 'must-not-fall', margin: 0.1 },
      ],
      judge: { kind: 'threshold', minSamples: 50, test: 'welch' },
      warmUp: { durationMs: 0 },
      bake: { durationMs: 1_000 },
      maxDurationMs: 3_600_000,
      onStall: 'pause',
      mode: 'observe',
      onSilence: { action: 'rollback' },
      tripwire: false,
      traffic: { requestsPerSecond: 5 },
    }
    const { code, stdout, stderr } = await validate(file, '--json')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const { isValid, course, guardrails, judge } = JSON.parse(stdout)
    expect({ isValid, judge }).toEqual({ isValid: true, judge: 'threshold(welch)' })
    expect(course).toMatchObject({ maxDurationMs: 3_600_000, mode: 'observe', bake: { durationMs: 1_000 } })
    expect(guardrails.map(({ kind }: { kind: string }) => kind)).toHaveLength(10)
    expect(guardrails.at(-1)).toMatchObject({ kind: 'metric', metric: 'clicks', severity: 'rollback' })
  })

  it.each([
    ['{', /plan\.json is not JSON/],
    ['[]', /must hold a JSON object/],
    [{ plna: [10, 100] }, /"plna".*plan/],
    [{ plan: [50, 10] }, /step 2 has 10 after 50/],
    [{ plan: [10] }, /end the plan at 100/],
    [{ guardrails: [{ kind: 'errorRate', margin: 2 }] }, /errorRate\.margin/],
    [{ guardrails: [{ kind: 'errorrate' }] }, /guardrails\[0\]\.kind/],
    [{ guardrails: [] }, /at least one/],
    [{ judge: 'evidence' }, /judge must be an object/],
    [{ judge: { kind: 'evidence', alpha: 2 } }, /evidenceJudge\.alpha/],
    [{ judge: { kind: 'oracle' } }, /judge\.kind/],
    [{ traffic: { rps: 5 } }, /"rps"/],
    [{ traffic: { requestsPerSecond: 5, baseline: { errorRate: 7 } } }, /baseline\.errorRate/],
    [' '.repeat(1_048_577), /larger than 1048576 bytes/],
  ])('ends with 2 and names the mistake: %j', async (plan, message) => {
    const { code, stdout, stderr } = await validate(plan)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(message)
  })
})

const full = { weight: 100, minDurationMs: 60_000, minRequests: 0 }
