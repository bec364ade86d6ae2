import { ROLLOUT_STATES, WAITS } from '../../rollout/state.js'

/** A JSON Schema. */
type Schema = Readonly<Record<string, unknown>>

const number: Schema = { type: 'number' }
const count: Schema = { type: 'integer', minimum: 0 }
const text: Schema = { type: 'string' }
const flag: Schema = { type: 'boolean' }
const percent: Schema = { type: 'number', minimum: 0, maximum: 100 }
const time: Schema = { type: 'number', description: 'Wall time, in milliseconds since 1970.' }
const ms: Schema = { type: 'number', minimum: 0, description: 'Milliseconds.' }
const oneOf = (...words: readonly string[]): Schema => ({ enum: words })
const list = (items: Schema): Schema => ({ type: 'array', items })
const maybe = (schema: Schema): Schema => ({ anyOf: [schema, { type: 'null' }] })
const mapOf = (additionalProperties: Schema): Schema => ({ type: 'object', additionalProperties })

/** Returns a reference to a schema of {@link SCHEMAS}. */
export const ref = (name: keyof typeof SCHEMAS): Schema => ({ $ref: `#/components/schemas/${name}` })

/** Returns the schema of an object; a name with `?` may be left out. */
function object(members: Readonly<Record<string, Schema>>): Schema {
  const entries = Object.entries(members)
  return {
    type: 'object',
    properties: Object.fromEntries(entries.map(([name, schema]) => [name.replace('?', ''), schema])),
    required: entries.map(([name]) => name).filter((name) => !name.endsWith('?')),
  }
}

const bothArms = (schema: Schema): Schema => object({ baseline: schema, canary: schema })
const versions = bothArms(text)
const state = { enum: ROLLOUT_STATES }
const waitingFor: Schema = { enum: [...WAITS, null] }
const figures = object({
  ...{ requests: count, errors: count, timeouts: count, unanswered: count },
  ...{ p50Ms: maybe(ms), p95Ms: maybe(ms), p99Ms: maybe(ms) },
})
const modelErrors = list(object({ message: text, count, lastAt: time }))

const latestDecision = {
  sequence: count,
  at: time,
  action: text,
  applied: flag,
  reason: text,
  actor: text,
  requests: bothArms(count),
}

/** What the answers hold, by name. */
export const SCHEMAS = {
  Status: object({
    name: text,
    instance: { ...text, description: 'The process that answers.' },
    versions,
    state,
    weight: percent,
    inForce: maybe(object({ weight: percent, since: time })),
    heldBy: maybe(object({ by: oneOf('target', 'store', 'drift'), code: maybe(text) })),
    share: maybe(percent),
    withoutKey: count,
    drift: maybe(object({ weight: maybe(percent), message: text })),
    step: count,
    steps: list(object({ weight: percent, minDurationMs: ms, minRequests: count })),
    epoch: count,
    mode: oneOf('enforce', 'observe'),
    enabled: flag,
    waitingFor,
    waits: list(object({ for: { enum: WAITS }, what: text, have: number, need: number })),
    elapsedInStepMs: ms,
    elapsedMs: ms,
    requests: bothArms(count),
    eta: maybe(object({ stepMs: ms, promotionMs: ms })),
    reason: maybe(text),
    judge: text,
    leftOut: list(text),
    notes: list(text),
    checks: list({ $ref: '#/components/schemas/Check' }),
    lastDecision: maybe(object({ ...latestDecision, verdict: maybe(text) })),
    loop: maybe(object({ p99Ms: ms, utilization: number })),
    errors: bothArms(modelErrors),
    members: maybe(object({ count, upToDate: count, warm: count, leader: maybe(text) })),
    internalErrors: mapOf(count),
    'explanation?': { ...text, description: 'The same as sentences.' },
    'reached?': { ...count, description: 'How many processes apply a verb.' },
    'of?': maybe(count),
  }),
  Check: object({
    guardrail: text,
    severity: text,
    outcome: oneOf('held', 'breached', 'undecided'),
    rule: text,
    'unit?': oneOf('share', 'ms', 'plain'),
    baseline: maybe(number),
    canary: maybe(number),
    difference: maybe(number),
    margin: number,
    limit: maybe(number),
    samples: bothArms(count),
    'evidence?': object({
      harm: object({ now: maybe(number), needed: maybe(number) }),
      safety: object({ now: maybe(number), needed: maybe(number) }),
      tolerable: number,
      interval: maybe(object({ low: maybe(number), high: maybe(number) })),
      dispersion: number,
      doublingMs: maybe(ms),
      etaMs: maybe(ms),
      'distances?': mapOf(number),
    }),
    reason: text,
  }),
  Decision: object({
    ...latestDecision,
    epoch: count,
    step: count,
    weight: percent,
    elapsedInStepMs: ms,
    now: object({ state, step: count, weight: percent, waitingFor }),
    verdict: maybe({ type: 'object', description: 'What the judge said of each guardrail.' }),
    'idempotencyKey?': text,
  }),
  VersionMetrics: object({
    ...Object.fromEntries(
      ['request', 'success', 'error', 'timeout', 'aborted', 'rejected', 'ignored', 'unanswered', 'leftEarly'].map(
        (what) => [`${what}Count`, count],
      ),
    ),
    ...Object.fromEntries(['error', 'timeout', 'abort', 'unanswered'].map((what) => [`${what}Rate`, maybe(number)])),
    ...Object.fromEntries(['avg', 'p50', 'p95', 'p99'].map((what) => [`${what}LatencyMs`, maybe(ms)])),
    predictionDistribution: mapOf(number),
    score: object({ count, mean: maybe(number), standardDeviation: maybe(number) }),
    metrics: mapOf(object({ count, mean: maybe(number) })),
    blockedMs: object({ mean: maybe(number), total: number }),
    inFlight: count,
    oldestInFlightMs: maybe(ms),
  }),
  Rights: object({ hasVerbs: flag, actor: maybe(text), actions: mapOf(flag) }),
  Point: object({
    ...{ from: time, to: time, epoch: count, step: count, weight: percent, versions },
    ...{ baseline: figures, canary: figures },
  }),
  Entry: object({ name: text, path: text, state, weight: percent, versions }),
  Refusal: object({ error: object({ code: text, message: text }), 'status?': { $ref: '#/components/schemas/Status' } }),
} as const

/** The options that every verb takes. */
export const VERB_OPTIONS = {
  actor: { ...text, maxLength: 64, description: 'Who asks; ignored if the service knows.' },
  reason: { ...text, description: 'The reason, for the history.' },
  idempotencyKey: { ...text, minLength: 1, maxLength: 64, description: 'The same as the header.' },
  expectedStep: {
    description: 'The step that the sender has seen.',
    anyOf: [count, object({ step: count, 'epoch?': count })],
  },
} as const
