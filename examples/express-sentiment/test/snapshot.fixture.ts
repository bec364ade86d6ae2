import type { Decision, VersionMetrics } from '@model-canary/core'
import type { Check } from '@model-canary/core/judge'
import type { Snapshot } from '../src/terminal/snapshot.js'

/** A version without any data. */
export const unseen: VersionMetrics = {
  requestCount: 0,
  successCount: 0,
  errorCount: 0,
  timeoutCount: 0,
  abortedCount: 0,
  rejectedCount: 0,
  ignoredCount: 0,
  unansweredCount: 0,
  leftEarlyCount: 0,
  errorRate: null,
  timeoutRate: null,
  abortRate: null,
  unansweredRate: null,
  avgLatencyMs: null,
  p50LatencyMs: null,
  p95LatencyMs: null,
  p99LatencyMs: null,
  predictionDistribution: {},
  score: { count: 0, mean: null, standardDeviation: null },
  metrics: {},
  blockedMs: { mean: null, total: 0 },
  inFlight: 0,
  oldestInFlightMs: null,
}

const v1: VersionMetrics = {
  ...unseen,
  requestCount: 12_345,
  successCount: 12_345,
  errorRate: 0,
  avgLatencyMs: 0.0119,
  p95LatencyMs: 0.0321,
  p99LatencyMs: 1.236,
  predictionDistribution: { negative: 0.527, positive: 0.473 },
  metrics: { accuracy: { count: 12_345, mean: 0.7941 } },
}

const v2: VersionMetrics = {
  ...unseen,
  requestCount: 678,
  successCount: 602,
  errorCount: 60,
  timeoutCount: 16,
  errorRate: 76 / 678,
  avgLatencyMs: 81.26,
  p95LatencyMs: 95.04,
  p99LatencyMs: 1_000,
  predictionDistribution: { positive: 1 },
  metrics: { accuracy: { count: 602, mean: 0.83499 } },
}

/** A check, with what matters to the test. */
export function checkWith(check: Partial<Check>): Check {
  return {
    guardrail: 'errorRate',
    severity: 'rollback',
    outcome: 'held',
    rule: 'margin',
    baseline: 0,
    canary: 0,
    difference: 0,
    margin: 0.02,
    limit: null,
    samples: { baseline: 1_983, canary: 219 },
    reason: 'error rate 0 % against 0 %: no difference, 2 points accepted',
    ...check,
  }
}

/** A decision, with what matters to the test. */
export function decisionWith(decision: Partial<Decision>): Decision {
  return {
    sequence: 1,
    at: 1_000_021_000,
    action: 'advance',
    applied: true,
    reason: 'all 6 guardrails held over 219 canary and 1983 baseline requests',
    actor: 'judge',
    epoch: 1,
    step: 1,
    weight: 10,
    elapsedInStepMs: 8_040,
    requests: { baseline: 1_983, canary: 219 },
    now: { state: 'progressing', step: 2, weight: 25, waitingFor: 'data' },
    verdict: null,
    ...decision,
  }
}

/** A rollout in its second step, 27 s old. */
export function snapshotWith(status: Partial<Snapshot['status']> = {}, rest: Partial<Snapshot> = {}): Snapshot {
  return {
    options: { scenario: 'good', pace: 'normal', port: 3000, rate: 250, exit: false },
    origin: 'http://127.0.0.1:3000',
    startedAt: 1_000_000_000,
    elapsedMs: 27_300,
    traffic: {
      sent: 13_030,
      underWay: 7,
      answered: 13_021,
      failed: 2,
      lastFailure: 'HTTP 500',
      heldBack: 0,
      byVersion: { v1: { answers: 12_361, right: 9_816 }, v2: { answers: 660, right: 551 } },
    },
    metrics: { v1, v2 },
    history: [decisionWith({})],
    status: {
      name: 'sentiment',
      instance: 'one',
      versions: { baseline: 'v1', canary: 'v2' },
      state: 'progressing',
      weight: 25,
      inForce: { weight: 25, since: 1_000 },
      heldBy: null,
      share: null,
      withoutKey: 0,
      drift: null,
      step: 2,
      steps: [10, 25, 50, 100].map((weight) => ({ weight, minDurationMs: 8_000, minRequests: 200 })),
      epoch: 1,
      mode: 'enforce',
      enabled: true,
      waitingFor: 'time',
      waits: [],
      elapsedInStepMs: 3_210,
      elapsedMs: 27_000,
      requests: { baseline: 598, canary: 203 },
      eta: { stepMs: 12_000, promotionMs: 60_000 },
      reason: null,
      judge: 'threshold(welch)',
      leftOut: [],
      notes: [],
      errors: { baseline: [], canary: [] },
      checks: [checkWith({})],
      lastDecision: null,
      loop: null,
      members: null,
      internalErrors: {},
      ...status,
    },
    ...rest,
  }
}
