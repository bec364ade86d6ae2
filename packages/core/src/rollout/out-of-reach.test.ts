import { describe, expect, it } from 'vitest'
import { errorRate } from '../guardrails/kinds/error-rate.js'
import { latency } from '../guardrails/kinds/latency.js'
import type { Check } from '../judging/judge.js'
import { outOfReach } from './out-of-reach.js'

const HOUR_MS = 3_600_000
const guardrails = [latency({ marginMs: 2 }), errorRate()]

/** A check of the latency after a while, of which the difference is known to so many milliseconds. */
const check = (halfWidth: number, rest: Partial<Check> = {}): Check => ({
  guardrail: 'latency',
  severity: 'rollback',
  outcome: 'undecided',
  rule: 'evidence',
  baseline: 120,
  canary: 120,
  difference: 0,
  margin: 2,
  limit: null,
  samples: { baseline: 900, canary: 100 },
  evidence: {
    harm: { now: 1, needed: 20 },
    safety: { now: 1, needed: 5 },
    tolerable: 1,
    interval: { low: -halfWidth, high: halfWidth },
    dispersion: 1,
    doublingMs: null,
    etaMs: null,
  },
  reason: '',
  ...rest,
})

describe('a latency margin is out of reach', () => {
  it('where the noise needs more than a week to narrow to it', () => {
    expect(outOfReach([check(30)], guardrails, HOUR_MS)).toBe(
      'latency needs about 9 days at the present traffic and noise: its margin of 2 ms is too narrow', // (30 / 2)² hours
    )
    expect(outOfReach([check(25)], guardrails, HOUR_MS)).toBeUndefined() // 6.5 days
  })

  it('unless it is decided already, only looked at, or about to be proved', () => {
    expect(outOfReach([check(30, { outcome: 'held' })], guardrails, HOUR_MS)).toBeUndefined()
    expect(outOfReach([check(30, { severity: 'observe' })], guardrails, HOUR_MS)).toBeUndefined()
    const soon = { ...check(30).evidence!, etaMs: HOUR_MS }
    expect(outOfReach([check(30, { evidence: soon })], guardrails, HOUR_MS)).toBeUndefined()
  })

  it('and nothing else is', () => {
    expect(outOfReach([check(30, { guardrail: 'errorRate' })], guardrails, HOUR_MS)).toBeUndefined()
    expect(outOfReach([], guardrails, HOUR_MS)).toBeUndefined()
  })
})
