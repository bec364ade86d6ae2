import type { Decision, Status } from '@model-canary/core'
import { type Check, type CheckEvidence, emptySummary, type Summary } from '@model-canary/core/judge'
import type { ExportedRollout } from './exported-rollout.js'
import { type ParsedSample, parseExposition } from './parse-exposition.fixture.js'

/** Returns a summary with some members replaced. */
export function summaryWith(parts: Partial<Summary> = {}): Summary {
  return { ...emptySummary(), ...parts }
}

/** Returns a status with some members replaced. */
export function statusWith(parts: Partial<Status> = {}): Status {
  return {
    name: 'sentiment',
    instance: 'one',
    versions: { baseline: 'v1', canary: 'v2' },
    state: 'progressing',
    weight: 5,
    inForce: { weight: 5, since: 0 },
    heldBy: null,
    share: null,
    withoutKey: 0,
    drift: null,
    step: 1,
    steps: [],
    epoch: 1,
    mode: 'enforce',
    enabled: true,
    waitingFor: 'evidence',
    waits: [],
    elapsedInStepMs: 0,
    elapsedMs: 0,
    requests: { baseline: 0, canary: 0 },
    eta: null,
    reason: null,
    judge: 'evidence',
    leftOut: [],
    notes: [],
    errors: { baseline: [], canary: [] },
    checks: [],
    lastDecision: null,
    loop: null,
    members: null,
    internalErrors: {},
    ...parts,
  }
}

/** Returns the check of a guardrail, with some members replaced. */
export function checkWith(guardrail: string, parts: Partial<Check> = {}): Check {
  return {
    guardrail,
    severity: 'rollback',
    outcome: 'undecided',
    rule: 'evidence',
    baseline: null,
    canary: null,
    difference: null,
    margin: 0.02,
    limit: null,
    samples: { baseline: 0, canary: 0 },
    reason: '',
    ...parts,
  }
}

/** Evidence of this much harm and safety. */
export function evidenceOf(harm: number, safety: number): CheckEvidence {
  return {
    harm: { now: harm, needed: 20 },
    safety: { now: safety, needed: 10 },
    tolerable: 0.01,
    interval: null,
    dispersion: 1,
    doublingMs: null,
    etaMs: null,
  }
}

/** Returns a rollout with constant counts and status, whose events are emitted by the test. */
export function rolloutWith(parts: {
  readonly baseline?: Partial<Summary>
  readonly canary?: Partial<Summary>
  readonly status?: Partial<Status>
}) {
  const listeners: { name: string; listener: (payload: never) => unknown }[] = []
  const tell = (event: string, payload: object) => {
    for (const { name, listener } of listeners) if (name === event) listener(payload as never)
  }
  const rollout: ExportedRollout = {
    name: 'sentiment',
    versions: { baseline: 'v1', canary: 'v2' },
    counts: () => ({ baseline: summaryWith(parts.baseline), canary: summaryWith(parts.canary) }),
    status: () => statusWith(parts.status),
    on(name, listener) {
      listeners.push({ name, listener })
      return () => {}
    },
  }
  return {
    rollout,
    decided: (action: Decision['action'], actor: string) => tell('decision', { action, actor }),
    alerted: (about: string) => tell('alert', { about, at: 0, message: 'a sentence for a person' }),
  }
}

/** Returns a rollout with everything that can be exported. */
export function fullRollout({ classes = 3, guardrails = 2 } = {}): ExportedRollout {
  const arm: Partial<Summary> = {
    outcomes: { success: 70, error: 20, timeout: 10, aborted: 5, rejected: 0, ignored: 0 },
    latencyUs: { count: 100, sum: 5_000_000, sumOfSquares: 300_000_000_000 },
    latencyBins: [
      [700, 60],
      [800, 40],
    ],
    pendingBins: [[10, 2]],
    predictions: { labels: Array.from({ length: classes }, (_, at) => [`class ${at}`, at + 1] as const), other: 4 },
    score: { count: 70, sum: -3.5, sumOfSquares: 9 },
    metrics: [
      ['cost', { count: 5, sum: -2, sumOfSquares: 8 }],
      ['timeToFirstChunkMs', { count: 2, sum: 300, sumOfSquares: 50_000 }],
    ],
  }
  const checks = Array.from({ length: guardrails }, (_, at) =>
    checkWith(`guardrail ${at}`, { evidence: evidenceOf(at, 10 * at) }),
  )
  return rolloutWith({ baseline: arm, canary: arm, status: { checks, internalErrors: { STORE_FAILED: 1 } } }).rollout
}

export const OPEN_METRICS = 'application/openmetrics-text;version=1.0.0'

/** Every sample of an exposition by its name and labels, such as `x_total{variant=canary}`. */
export function samplesOf(text: string): Readonly<Record<string, number>> {
  const format = text.endsWith('# EOF\n') ? 'openmetrics' : 'text'
  const samples = parseExposition(text, format).flatMap((family) => family.samples)
  return Object.fromEntries(samples.map((sample) => [keyOf(sample), sample.value]))
}

function keyOf({ name, labels }: ParsedSample): string {
  const shown = Object.entries(labels).filter(([label]) => label !== 'rollout' && label !== 'version')
  return `${name}{${shown.map(([label, value]) => `${label}=${value}`).join(',')}}`
}
