import type { Decision } from '@model-canary/core'
import { type Body, type Head, idleState, type Report } from '@model-canary/core/controller'

/** A signal that is never aborted. */
export const forever = new AbortController().signal

/** Returns a head as a controller writes it in the first step. */
export const headOf = (tag: string, members: Partial<Head> = {}): Head => ({
  wire: 1,
  route: { epoch: 1, visit: 1, weight: 10, step: 1, active: true },
  status: 'progressing',
  rev: 1,
  switch: { on: true, n: 0 },
  tag,
  schema: 1,
  name: 'sentiment',
  versions: { baseline: 'v1', canary: 'v2' },
  config: 'plan',
  fence: 0,
  weights: [10, 100],
  guardrails: [],
  openedAt: 1_764_000_000_000,
  state: { ...idleState, state: 'progressing', epoch: 1, step: 1, weight: 10, waitingFor: 'data' },
  decided: 0,
  ...members,
})

/** Returns a body with this evidence. */
export const bodyOf = (evidence: unknown): Body => ({
  schema: 1,
  of: { epoch: 1, visit: 1 },
  savedAt: 1_764_000_000_000,
  state: idleState,
  evidence,
  calibration: { baselineHistory: null },
  cumulative: null,
  checks: [],
  turns: [],
})

/** Returns a decision with a sequence. */
export const decisionOf = (sequence: number): Decision => ({
  sequence,
  at: 1_764_000_000_000,
  action: 'advance',
  applied: true,
  reason: 'all checks passed',
  actor: 'judge',
  epoch: 1,
  step: 1,
  weight: 10,
  elapsedInStepMs: 60_000,
  requests: { baseline: 900, canary: 100 },
  now: { state: 'progressing', step: 2, weight: 50, waitingFor: 'data' },
  verdict: null,
})

/** Returns the report of a process in the first stay. */
export const reportOf = (id: string, seq: number, members: Partial<Report> = {}): Report => ({
  epoch: 1,
  visit: 1,
  id,
  seq,
  fast: `counts ${seq} of ${id}`,
  ...members,
})
