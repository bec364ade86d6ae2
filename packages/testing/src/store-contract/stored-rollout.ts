import type { StoredRollout } from '@model-canary/core/controller'

/** A new rollout, as a controller stores it. */
export const storedRollout = (revision: number, members: Partial<StoredRollout> = {}): StoredRollout => ({
  schema: 1,
  name: 'contract',
  versions: { baseline: 'v1', canary: 'v2' },
  weights: [10, 100],
  revision,
  savedAt: 0,
  openedAt: 0,
  state: {
    state: 'progressing',
    epoch: 1,
    step: 1,
    weight: 10,
    enabled: true,
    elapsedInStepMs: 0,
    elapsedMs: 0,
    waitingFor: 'data',
    requests: { baseline: 0, canary: 0 },
    pause: null,
    firstStep: 1,
    demoted: false,
    alerts: {},
    arrivals: { watchedMs: 0, lastMs: 0, lastAt: null, apartMs: null, baseline: 0, usualGapMs: null },
    hasServed: false,
    lookMs: 0,
    stalled: false,
    reason: null,
  },
  guardrails: [],
  evidence: null,
  calibration: { baselineHistory: null },
  cumulative: null,
  checks: [],
  history: [],
  turns: [],
  ...members,
})

/** An example of a judge's evidence: every type of JSON, and a member that JSON omits. */
export const EVIDENCE = {
  texts: ['', 'naïve', '名前-🐤', '"\\\n\u0000', '__proto__'],
  numbers: [0, -1, 0.1 + 0.2, 1e-300, 1.7e308, Number.MAX_SAFE_INTEGER],
  nested: { nothing: null, yes: true, list: [[], [{}]] },
  leftOut: undefined,
}
