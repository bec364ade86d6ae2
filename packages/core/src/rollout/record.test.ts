import { describe, expect, it } from 'vitest'
import { errorRate } from '../guardrails/kinds/error-rate.js'
import { thresholdJudge } from '../judging/threshold-judge.js'
import { analyze } from './analyze.js'
import { change, takeUp } from './record.js'
import { after, counted, course, passed, stored } from './rollout.fixture.js'
import { idleState } from './state.js'

const bench = { judge: thresholdJudge({ minSamples: 10 }), guardrails: [errorRate({ margin: 0.02 })], course }
const calibrate = () => ({})
const world = { bench, config: 'c', historySize: 3, replaySize: 2, maxStoredBytes: 262_144, calibrate }
const atStep1 = after([{ type: 'start' }, { type: 'warmed' }, passed])
const own = stored()

describe('takeUp', () => {
  it('takes up the same rollout as it was put away', () => {
    const put = stored({ revision: 7, state: atStep1, savedAt: 5 })
    expect(takeUp(JSON.parse(JSON.stringify(put)), own)).toEqual(put)
  })

  it('begins anew under the next epoch where the versions are others, keeps the history and the kill switch', () => {
    const put = stored({
      revision: 7,
      versions: { baseline: 'v0', canary: 'v1' },
      state: { ...atStep1, epoch: 4, enabled: false },
    })
    const taken = takeUp(put, own)
    expect(taken).toMatchObject({
      revision: 7,
      versions: own.versions,
      state: { ...idleState, epoch: 4, enabled: false },
    })
    expect(after([{ type: 'start' }], taken.state).epoch).toBe(5)
  })

  it.each([
    ['a live rollout under another plan', stored({ state: atStep1, weights: [10, 100] })],
    ['a rollout of another name', stored({ name: 'other' })],
    ['something else', { hello: 'world' } as never],
    ['nothing', null as never],
    ['a state without a name', stored({ state: { epoch: 1 } as never })],
    ['a state that does not exist', stored({ state: { ...atStep1, state: 'resting' as never } })],
    ['no state', stored({ state: null as never })],
  ])('refuses %s', (_, put) => {
    expect(() => takeUp(put, own)).toThrow(expect.objectContaining({ code: 'INVALID_STATE' }))
  })

  it('keeps the guardrails with which a rollout under way was started, and takes the new ones once it has ended', () => {
    const started = [errorRate({ margin: 0.05 })]
    const put = stored({ state: atStep1, guardrails: started })
    expect(takeUp(JSON.parse(JSON.stringify(put)), own).guardrails).toEqual(started)
    const ended = stored({ state: after([{ type: 'rollback' }], atStep1), guardrails: started })
    expect(takeUp(ended, own).guardrails).toBe(own.guardrails)
  })

  it('refuses guardrails that cannot be read', () => {
    const put = stored({ state: atStep1, guardrails: [{ kind: 'errorRate', margin: 7 } as never] })
    expect(() => takeUp(put, own)).toThrow(expect.objectContaining({ code: 'INVALID_STATE' }))
  })

  it('takes up an ended rollout under any plan: a retry follows the new one', () => {
    const ended = stored({ weights: [10, 100], state: after([{ type: 'rollback' }], atStep1) })
    expect(takeUp(ended, own)).toMatchObject({ weights: [10, 50, 100], state: { state: 'rolled-back' } })
  })
})

describe('a change', () => {
  it('to a new epoch is judged by the guardrails of now, and every other by those of its epoch', () => {
    const now = { ...world, bench: { ...bench, guardrails: [errorRate({ margin: 0.07 })] } }
    const idle = stored({ guardrails: [errorRate({ margin: 0.05 })] })
    const started = change(idle, { type: 'start' }, { at: 1, actor: 'operator' }, now)!.next
    expect(started.guardrails).toEqual(now.bench.guardrails)
    const warmed = change(started, { type: 'warmed' }, { at: 2, actor: 'warm-up' }, world)!.next
    expect(warmed.guardrails).toEqual(now.bench.guardrails)
  })

  const before = stored({ state: { ...atStep1, elapsedInStepMs: 60_000 } })
  const analysis = analyze(before, counted(100), 0, bench)
  const event = { type: 'analyzed', verdict: analysis.verdict, requests: analysis.requests } as const

  it('keeps each decision with all that it rests on', () => {
    const { next, decisions } = change(before, event, { at: 42, actor: 'judge', analysis }, world)!
    expect(next.history).toEqual(decisions)
    expect(decisions).toMatchObject([
      {
        at: 42,
        actor: 'judge',
        action: 'advance',
        applied: true,
        epoch: 1,
        step: 1,
        weight: 10,
        elapsedInStepMs: 60_000,
        requests: { baseline: 100, canary: 100 },
        now: { state: 'progressing', step: 2, weight: 50, waitingFor: 'data' },
        verdict: { kind: 'pass', checks: [{ guardrail: 'errorRate', outcome: 'held', margin: 0.02 }] },
      },
    ])
  })

  it('opens fresh evidence and counts with every step', () => {
    const { next } = change(before, event, { at: 0, actor: 'judge', analysis }, world)!
    expect(next.cumulative).toBeNull()
    expect(next.evidence).toMatchObject({ canary: { begun: 0 } })
  })

  it('keeps evidence and counts while the step is the same', () => {
    const held = { ...event, verdict: { ...analysis.verdict, kind: 'inconclusive' as const } }
    const { next } = change(before, held, { at: 0, actor: 'judge', analysis }, world)!
    expect(next).toMatchObject({ cumulative: counted(100), evidence: { canary: { begun: 100 } } })
  })

  it('keeps the latest decisions only', () => {
    const pause = { type: 'pause' } as const
    const long = Array.from({ length: 5 }).reduce<typeof before>(
      (rollout, _, at) => change(rollout, pause, { at, actor: 'operator' }, world)!.next,
      before,
    )
    expect(long.history.map(({ at }) => at)).toEqual([2, 3, 4])
  })

  it('counts no time of a pause into a decision', () => {
    const paused = { ...before, state: after([{ type: 'pause' }], before.state) }
    const { decisions } = change(paused, { type: 'resume', sinceMs: 5_000 }, { at: 0, actor: 'operator' }, world)!
    expect(decisions[0]?.elapsedInStepMs).toBe(60_000)
  })

  it('is none where nothing happens', () => {
    expect(change(before, { type: 'resume' }, { at: 0, actor: 'operator' }, world)).toBeUndefined()
  })

  it('calibrates anew with every epoch', () => {
    const ended = stored({ state: after([{ type: 'rollback' }], atStep1) })
    const { next } = change(
      ended,
      { type: 'retry' },
      { at: 0, actor: 'operator' },
      { ...world, calibrate: () => ({ unit: 'key' }) },
    )!
    expect(next).toMatchObject({ calibration: { unit: 'key' }, checks: [], cumulative: null })
  })
})
