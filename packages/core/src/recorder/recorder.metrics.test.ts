import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Observation } from '../foundation/vocabulary.js'
import { versionMetricsOf } from '../summaries/version-metrics.js'
import { createRecorder } from './recorder.js'
import type { FlightEntry, Origin, Recorder } from './recorder-contract.js'

const split: Origin = { epoch: 1, step: 1, reason: 'split' }

const WINDOWS = ['step', 'rollout', { lastMs: 1_000 }, { lastMs: 60_000 }] as const

let recorder: Recorder

beforeEach(() => {
  recorder = createRecorder()
})

function begin(startedAt: number, origin = split): void {
  const entry: FlightEntry = { variant: 'canary', startedAt, origin, previous: null, next: null }
  recorder.begin(entry)
}

/** Expects the metrics of each window to be those of the counts that a reader would get. */
function expectThoseOfTheCounts(at: number): void {
  for (const window of WINDOWS) {
    const { baseline, canary } = recorder.read(window, at)
    const expected = { baseline: versionMetricsOf(baseline), canary: versionMetricsOf(canary) }
    expect(recorder.metrics(window, at)).toEqual(expected)
  }
}

describe('the metrics of a recorder', () => {
  it('are those of its counts before the first call', () => {
    expectThoseOfTheCounts(0)
    expect(recorder.metrics('rollout', 0).canary.p99LatencyMs).toBeNull()
  })

  it('have pending calls, those of other steps only for the whole rollout', () => {
    recorder.open({ epoch: 1, step: 1 }, 0)
    begin(5)
    begin(1, { ...split, step: 0 })
    expectThoseOfTheCounts(2_000)
    expect(recorder.metrics('step', 2_000).canary.inFlight).toBe(1)
    expect(recorder.metrics('rollout', 2_000).canary.inFlight).toBe(2)
  })

  it('have the quantiles of all steps of the rollout together', () => {
    recorder.open({ epoch: 1, step: 1 }, 0)
    const record = (durationMs: number) =>
      recorder.record({ variant: 'canary', at: 500, durationMs, outcome: 'success' })
    for (let n = 0; n < 90; n++) record(0.01)
    recorder.open({ epoch: 1, step: 2 }, 0)
    for (let n = 0; n < 10; n++) record(0.1)
    const { canary } = recorder.metrics('rollout', 600)
    expect([canary.p50LatencyMs, canary.p95LatencyMs, canary.p99LatencyMs]).toEqual([0.01, 0.1, 0.1])
    expect(recorder.metrics('step', 600).canary.p50LatencyMs).toBe(0.1)
  })

  const observations = fc.array(
    fc.record(
      {
        variant: fc.constantFrom('baseline', 'canary'),
        gap: fc.nat(3_000),
        durationMs: fc.nat(100_000),
        outcome: fc.constantFrom('success', 'error', 'timeout', 'aborted', 'rejected', 'ignored'),
        prediction: fc.constantFrom('a', 'b', '__proto__'),
        score: fc.integer({ min: -100, max: 100 }),
        blockedMs: fc.nat(9),
        metrics: fc.record({ paid: fc.boolean(), cost: fc.nat(5) }, { requiredKeys: [] }),
      },
      { noNullPrototype: true },
    ),
    { maxLength: 60 },
  )

  it('are those of its counts in every window, whatever is recorded', () => {
    fc.assert(
      fc.property(observations, fc.array(fc.nat(59)), (calls, stepsAt) => {
        recorder = createRecorder({ sliceMs: 1_000 })
        let at = 0
        for (const [index, { gap, ...rest }] of calls.entries()) {
          if (stepsAt.includes(index)) recorder.open({ epoch: 1, step: index }, at)
          at += gap
          const observation: Observation = { ...rest, at }
          recorder.record(observation)
        }
        expectThoseOfTheCounts(at)
      }),
    )
  })
})
