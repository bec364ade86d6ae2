import { describe, expect, it } from 'vitest'
import { errorRate } from '../guardrails/kinds/error-rate.js'
import { thresholdJudge } from '../judging/threshold-judge.js'
import { analyze, contextOf, takeIn } from './analyze.js'
import { resolveCourse } from './course.js'
import { after, counted, course, nothing, passed, stored } from './rollout.fixture.js'

const bench = { judge: thresholdJudge({ minSamples: 10 }), guardrails: [errorRate({ margin: 0.02 })], course }
const atStep1 = stored({ state: after([{ type: 'start' }, { type: 'warmed' }, passed]) })

/** What is stored after a look. */
const lookedAt = (before: typeof atStep1, reading: Parameters<typeof analyze>[1]) => {
  const { evidence, cumulative, requests } = analyze(before, reading, 0, bench)
  return { ...before, evidence, cumulative, state: { ...before.state, requests } }
}

describe('analyze', () => {
  it('counts what came since the last look, once', () => {
    const twice = lookedAt(lookedAt(atStep1, counted(30)), counted(50))
    expect(twice.state.requests).toEqual({ baseline: 50, canary: 50 })
    expect(twice.evidence).toMatchObject({ canary: { begun: 50, outcomes: { success: 50 } } })
  })

  it('takes everything for news of a version whose one process was restarted, and of the other what is new', () => {
    const ofOne = (baseline: number, canary: number) => ({
      baseline: counted(baseline).baseline,
      canary: counted(canary).canary,
      isShared: false,
    })
    const reset = lookedAt(lookedAt(atStep1, ofOne(30, 30)), ofOne(40, 20))
    expect(reset.state.requests).toEqual({ baseline: 40, canary: 50 })
  })

  it.each([
    ['as when one of several processes was restarted', undefined, 20, 1],
    ['though one process counts them, because its errors rose', false, 20, 5],
  ])('takes only a new base from counts that fell, %s', (_, isShared, requests, errors) => {
    const told = { ...(isShared === false && { isShared }) }
    const before = lookedAt(atStep1, { ...counted(30, 2), ...told })
    const fallen = analyze(before, { ...counted(requests, errors), ...told }, 15_000, bench)
    expect([fallen.requests, fallen.hasFallen]).toEqual([{ baseline: 30, canary: 30 }, true])
  })

  it('says at the look that counts fell between two looks', () => {
    const { judge } = bench
    const context = contextOf(atStep1, bench)
    const none = { evidence: null, cumulative: null, requests: { baseline: 0, canary: 0 } }
    const { taken } = takeIn(takeIn(none, counted(30), 0, context, judge).taken, counted(20), 0, context, judge)
    const interim = { evidence: null, blocks: [], progress: taken, sinceMs: 0 }
    expect(analyze(atStep1, counted(25), 0, bench, interim)).toMatchObject({
      requests: { baseline: 35, canary: 35 },
      hasFallen: true,
    })
  })

  it('takes only a new base from counts of several processes that fell, as when those of one expired', () => {
    const shared = (requests: number) => ({ ...counted(requests), isShared: true })
    const before = lookedAt(atStep1, shared(10_800))
    const fallen = analyze(before, shared(7_230), 15_000, bench)
    expect([fallen.requests, fallen.hasFallen]).toEqual([{ baseline: 10_800, canary: 10_800 }, true])
    expect(fallen.turn?.blocks).toMatchObject([{ baseline: { begun: 0 }, canary: { begun: 0 }, elapsedMs: 15_000 }])
    const next = analyze(lookedAt(before, shared(7_230)), shared(7_260), 15_000, bench)
    expect([next.requests, next.hasFallen]).toEqual([{ baseline: 10_830, canary: 10_830 }, undefined])
  })

  it('takes a new base from both versions if only the counts of one fell', () => {
    const before = lookedAt(atStep1, { ...counted(30), isShared: true })
    const { baseline } = counted(50)
    const { requests } = analyze(before, { baseline, canary: counted(20).canary, isShared: true }, 0, bench)
    expect(requests).toEqual({ baseline: 30, canary: 30 })
  })

  it('fails on a breach, and passes without', () => {
    expect(analyze(atStep1, counted(100), 0, bench).verdict.kind).toBe('pass')
    expect(analyze(atStep1, counted(100, 3), 0, bench).verdict).toMatchObject({ kind: 'fail', response: 'rollback' })
  })

  it.each([
    ['no data', 'no-data' as const],
    ['nothing counted', nothing],
  ])('is inconclusive on %s', (_, reading) => {
    const { verdict, requests } = analyze(atStep1, reading, 0, bench)
    expect([verdict.kind, requests]).toEqual(['inconclusive', { baseline: 0, canary: 0 }])
  })

  it('is an error, not a failure, where the source failed, and keeps what was there', () => {
    const before = lookedAt(atStep1, counted(30))
    const { verdict, evidence, cumulative } = analyze(before, { failed: 'down' }, 0, bench)
    expect(verdict).toMatchObject({ kind: 'error', message: 'down', epoch: 1, step: 1 })
    expect([evidence, cumulative]).toEqual([before.evidence, before.cumulative])
  })

  it('is an error where what had been counted is gone', () => {
    expect(analyze(lookedAt(atStep1, counted(30)), 'no-data', 0, bench).verdict.kind).toBe('error')
  })

  it('leaves out requests that the client gave up', () => {
    const { baseline, canary } = counted(30)
    const aborted = {
      baseline,
      canary: { ...canary, outcomes: { success: 10, error: 0, timeout: 0, aborted: 20, rejected: 0, ignored: 0 } },
    }
    expect(analyze(atStep1, aborted, 0, bench).requests).toEqual({ baseline: 30, canary: 10 })
  })

  it('tells the judge the time in the step, which stands still in a pause', () => {
    const told: number[] = []
    const judge = {
      ...bench.judge,
      decide: (...[evidence, context, elapsedMs]: Parameters<typeof bench.judge.decide>) => {
        told.push(elapsedMs)
        return bench.judge.decide(evidence, context, elapsedMs)
      },
    }
    const paused = { ...atStep1, state: after([{ type: 'pause' }], { ...atStep1.state, elapsedInStepMs: 7_000 }) }
    analyze({ ...paused, state: after([{ type: 'resume' }], paused.state) }, counted(1), 500, {
      ...bench,
      judge,
    })
    analyze(paused, counted(1), 500, { ...bench, judge })
    expect(told).toEqual([7_500, 7_000])
  })
})

describe('the steps that are left', () => {
  it.each([
    ['count the bake if it keeps a part of the baseline', {}, [4, 3, 2, 1]],
    ['do not count a bake at 100 percent', { holdbackPercent: 0 }, [3, 2, 1, 0]],
    ['do not count a bake of no time', { durationMs: 0, holdbackPercent: 10 }, [3, 2, 1, 0]],
  ])('%s', (_, bake, left) => {
    const course = resolveCourse({ bake })
    const at = (step: number) => contextOf({ ...stored(), state: { ...stored().state, step } }, { course }).stepsLeft
    expect([1, 2, 3, 4].map(at)).toEqual(left)
  })
})
