import { describe, expect, it } from 'vitest'
import type { ArmStory } from '../../guardrails/arm.fixture.js'
import { errorRate } from '../../guardrails/kinds/error-rate.js'
import { latency } from '../../guardrails/kinds/latency.js'
import { predictionShift } from '../../guardrails/kinds/prediction-shift.js'
import { tailLatency } from '../../guardrails/kinds/tail-latency.js'
import { asksForRollback } from './decide.js'
import { alike, blockOf, contextOf, historyOf, ordinary, policy, statesOf } from './evidence.fixture.js'
import type { Evidence } from './evidence.js'
import { openStep, updateEvidence } from './update-evidence.js'

const guardrails = [errorRate(), latency(), tailLatency(), predictionShift()]

/** The baseline's past: nearly all calls of one window failed. */
const incident = (window: number): ArmStory => (window === 30 ? { ...ordinary, errors: 800 } : ordinary)
const calibration = { baselineHistory: historyOf(guardrails, 60, incident) }
const step = contextOf(guardrails, { calibration })

describe('lasting harm after an incident', () => {
  it.each([
    { from: 'from the start', goodWindows: 0, most: 7 },
    { from: 'after ten minutes', goodWindows: 40, most: 7 },
    { from: 'after an hour', goodWindows: 240, most: 10 },
  ])('$from is found in at most $most windows', ({ goodWindows, most }) => {
    const before = afterWindows(openStep(undefined, step, policy), goodWindows, alike)
    expect(statesOf(before)[0]![0]!.dispersion.whole).toBeGreaterThan(30)
    expect(asksForRollback(before, policy)).toBe(false)
    for (const errors of [31, 100])
      expect(asksForRollback(afterWindows(before, most, { ...alike, errors }), policy)).toBe(true)
  })
})

const afterWindows = (evidence: Evidence, windows: number, canary: ArmStory): Evidence =>
  windows === 0
    ? evidence
    : afterWindows(updateEvidence(evidence, blockOf(ordinary, canary), step, policy), windows - 1, canary)
