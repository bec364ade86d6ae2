import { describe, expect, it } from 'vitest'
import type { Outcome } from '../foundation/vocabulary.js'
import { hashOfKey } from '../summaries/clusters.js'
import type { Summary } from '../summaries/summary.js'
import { createCallers, renewRound } from './callers.js'
import { createRecorder } from './recorder.js'
import type { RecorderWindow } from './recorder-contract.js'

/** Returns the share of rejected callers, if this many callers come twice each and a fifth of them is always rejected. */
function shareOf(count: number): number {
  const callers = createCallers()
  const seen = { all: 0, rejected: 0 }
  for (let call = 0; call < 2 * count; call += 1) {
    const caller = call % count
    const isRejected = caller % 5 === 0
    if (!callers.isNew(hashOfKey(`user-${caller}`), isRejected)) continue
    seen.all += 1
    if (isRejected) seen.rejected += 1
  }
  return seen.rejected / seen.all
}

/** Returns the counts of a step in which one key calls with these outcomes, if this is what the split picks. */
function countsOf(unit: RecorderWindow['unit'], outcomes: readonly Outcome[]): Summary['rejections'] {
  const recorder = createRecorder()
  recorder.open({ epoch: 1, step: 1, unit }, 0)
  const origin = { epoch: 1, step: 1, reason: 'split' } as const
  for (const outcome of outcomes) {
    const entry = { variant: 'baseline', startedAt: 0, origin, key: 'ann', previous: null, next: null } as const
    const flight = { ...entry }
    recorder.begin(flight)
    recorder.end(flight, { variant: 'baseline', at: 10, durationMs: 10, outcome })
  }
  return recorder.read('step', 10).baseline.rejections
}

describe('the callers of a step', () => {
  it('are its keys if keys are split, and its calls if requests are', () => {
    const outcomes = ['success', 'success', 'rejected', 'rejected', 'rejected'] as const
    expect(countsOf(undefined, outcomes)).toEqual({ callers: 2, rejected: 1 })
    expect(countsOf('key', outcomes)).toEqual({ callers: 2, rejected: 1 })
    expect(countsOf('request', outcomes)).toEqual({ callers: 5, rejected: 3 })
  })

  it('count once for accepted and once for rejected calls', () => {
    const callers = createCallers()
    const [ann, bob] = ['ann', 'bob'].map(hashOfKey)
    const counted = [ann, ann, bob].map((hash) => callers.isNew(hash, false))
    expect(counted).toEqual([true, false, true])
    expect([ann, ann, bob].map((hash) => callers.isNew(hash, true))).toEqual([true, false, true])
    callers.clear()
    expect(callers.isNew(ann, true)).toBe(true)
  })

  it('count each time without a key', () => {
    const callers = createCallers()
    expect([1, 2].map(() => callers.isNew(undefined, true))).toEqual([true, true])
    expect(callers.byteLength).toBe(0)
  })

  it.each([200, 2_000, 20_000, 200_000])('have the share of all of them, of %d', (count) => {
    expect(Math.abs(shareOf(count) - 0.2)).toBeLessThan(0.03)
  })
})

describe('a round', () => {
  const ann = hashOfKey('ann')
  const bob = hashOfKey('bob')

  it('is over when the callers have made four calls each on average, for each version that has any', () => {
    const both = [createCallers(), createCallers()] as const
    const [baseline, canary] = both
    const call = (callers: typeof baseline, hash: number): boolean => {
      const isNew = callers.isNew(hash, false)
      renewRound(both)
      return isNew
    }
    const calls = (callers: typeof baseline, hash: number, count: number) =>
      Array.from({ length: count }, () => call(callers, hash))
    expect(calls(baseline, ann, 5)).toEqual([true, false, false, false, true])
    expect(calls(canary, bob, 5)).toEqual([true, false, false, false, false])
    expect(calls(baseline, ann, 4)).toEqual([false, false, false, true])
  })

  it.each([20, 3_000])('begins as often as %d keys have called four times, in a step of both versions', (keys) => {
    const recorder = createRecorder()
    recorder.open({ epoch: 1, step: 1 }, 0)
    const origin = { epoch: 1, step: 1, reason: 'split' } as const
    for (let call = 0; call < 16 * keys; call += 1) {
      const variant = call % 2 === 0 ? 'baseline' : 'canary'
      const entry = { variant, startedAt: 0, origin, key: `user-${call % keys}`, previous: null, next: null } as const
      const flight = { ...entry }
      recorder.begin(flight)
      recorder.end(flight, { variant, at: 10, durationMs: 10, outcome: call % 4 < 2 ? 'rejected' : 'success' })
    }
    const { baseline, canary } = recorder.read('step', 10)
    for (const { rejections } of [baseline, canary]) {
      expect(Math.abs(rejections.rejected / rejections.callers - 0.5)).toBeLessThan(0.03)
      expect(rejections.callers / Math.min(keys / 2, 1_024)).toBeGreaterThan(2)
      expect(rejections.callers / (keys / 2)).toBeLessThanOrEqual(4)
    }
  })
})
