import type { Decision } from '@model-canary/core'
import { type Body, type Head, idleState } from '@model-canary/core/controller'

/** Names that are hard to keep for a store that makes paths, keys or commands of them. */
export const ODD_NAMES = ['../up', 'a/b\\c', 'naïve 名前-🐤', '{x}:*?', '"\\\n\u0000', '__proto__', 'CON', ' ', '%2F']

/** An example of evidence: every type of JSON, and a member that JSON omits. */
export const EVIDENCE = {
  texts: ODD_NAMES,
  numbers: [0, -1, 0.1 + 0.2, 1e-300, 1.7e308, Number.MAX_SAFE_INTEGER],
  nested: { nothing: null, yes: true, list: [[], [{}]] },
  leftOut: undefined,
}

/** Returns a head as a controller writes it in the first step. */
export const headOf = (tag: string, members: Partial<Head> = {}): Head => ({
  wire: 1,
  route: { epoch: 1, visit: 1, weight: 10, step: 1, active: true },
  status: 'progressing',
  rev: 1,
  switch: { on: true, n: 0 },
  tag,
  schema: 1,
  name: 'contract',
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

/** Returns the body of a judge that has the given evidence. */
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

/** Returns a number of decisions that follow each other. */
export const decisionsFrom = (first: number, count: number): readonly Decision[] =>
  Array.from({ length: count }, (_, index) => ({
    sequence: first + index,
    at: 1_764_000_000_000 + index,
    action: 'advance',
    applied: true,
    reason: 'all checks passed “twice”\n',
    actor: 'judge',
    epoch: 1,
    step: 1,
    weight: 10,
    elapsedInStepMs: 60_000,
    requests: { baseline: 900, canary: 100 },
    now: { state: 'progressing', step: 2, weight: 50, waitingFor: 'data' },
    verdict: null,
  }))

/** Returns a value as a store across the network returns it. */
export const asJson = <Value>(value: Value): Value => JSON.parse(JSON.stringify(value))
