import { readDecision, readStatus, type ShownStatus } from '../../page/model/records.js'

/** Returns the status of a rollout in step 2 of 3. */
export const statusWith = (changed: Partial<ShownStatus> = {}): ShownStatus => ({
  ...readStatus({}),
  name: 'sentiment',
  instance: 'a',
  versions: { baseline: 'v1', canary: 'v2' },
  state: 'progressing',
  weight: 25,
  inForce: { weight: 25, since: 0 },
  step: 2,
  steps: [10, 25, 100].map((weight) => ({ weight, minDurationMs: 60_000, minRequests: 100 })),
  epoch: 1,
  elapsedInStepMs: 60_000,
  ...changed,
})

/** Returns a decision that led to a step, at a second. */
export const decisionAt = (second: number, step: number, changed: object = {}) =>
  readDecision({
    sequence: second,
    at: second * 1_000,
    epoch: 1,
    now: { state: 'progressing', step, weight: 10 },
    ...changed,
  })
