import type { Decision, Status, VersionMetrics } from '@model-canary/core'
import type { Point } from '@model-canary/core/controller'

/** The status as `GET /status` returns it. */
export type ShownStatus = Status & {
  readonly explanation: string
  readonly reached?: number
  readonly of?: number | null
}

/** What `GET /rights` returns. */
export interface Rights {
  readonly hasVerbs: boolean
  readonly actor: string | null
  readonly actions: Readonly<Record<string, boolean>>
}

/** An entry of `GET /rollouts`. */
export interface Entry {
  readonly name: string
  readonly path: string
  readonly state: Status['state']
  readonly weight: number
  readonly versions: Status['versions']
}

const NOBODY: Rights = { hasVerbs: false, actor: null, actions: {} }

const NO_STATUS: ShownStatus = {
  name: '',
  instance: '',
  versions: { baseline: 'baseline', canary: 'canary' },
  state: 'idle',
  weight: 0,
  inForce: null,
  heldBy: null,
  share: null,
  withoutKey: 0,
  drift: null,
  step: 0,
  steps: [],
  epoch: 0,
  mode: 'enforce',
  enabled: true,
  waitingFor: null,
  waits: [],
  elapsedInStepMs: 0,
  elapsedMs: 0,
  requests: { baseline: 0, canary: 0 },
  eta: null,
  reason: null,
  judge: '',
  leftOut: [],
  notes: [],
  checks: [],
  lastDecision: null,
  loop: null,
  errors: { baseline: [], canary: [] },
  members: null,
  internalErrors: {},
  explanation: '',
}

const NO_DECISION: Decision = {
  sequence: 0,
  at: 0,
  action: 'hold',
  applied: true,
  reason: '',
  actor: '',
  epoch: 0,
  step: 0,
  weight: 0,
  elapsedInStepMs: 0,
  requests: { baseline: 0, canary: 0 },
  now: { state: 'idle', step: 0, weight: 0, waitingFor: null },
  verdict: null,
}

const NO_FIGURES = { requests: 0, errors: 0, timeouts: 0, unanswered: 0, p50Ms: null, p95Ms: null, p99Ms: null }

const NO_POINT: Point = {
  from: 0,
  to: 0,
  epoch: 0,
  step: 0,
  weight: 0,
  versions: { baseline: '', canary: '' },
  baseline: NO_FIGURES,
  canary: NO_FIGURES,
}

/*
 * The page may be of another version of the library than the service that answers, for example while it is deployed. So
 * what is missing in an answer, or of another kind, is as if it were empty.
 */

export const readStatus = (value: unknown): ShownStatus => completed(NO_STATUS, value)
export const readRights = (value: unknown): Rights => completed(NOBODY, value)
export const readDecision = (value: unknown): Decision => completed(NO_DECISION, value)
export const readDecisions = (value: unknown): readonly Decision[] => listOf(value, readDecision)
export const readPoints = (value: unknown): readonly Point[] => listOf(value, (each) => completed(NO_POINT, each))
export const readEntries = (value: unknown): readonly Entry[] =>
  listOf(value, (each) =>
    completed<Entry>({ name: '', path: '', state: 'idle', weight: 0, versions: NO_STATUS.versions }, each),
  )

/** Returns the metrics of each version, by its name; what a version lacks is looked at where it is shown. */
export const readMetrics = (value: unknown): Readonly<Record<string, Partial<VersionMetrics>>> =>
  isObject(value) ? (value as Record<string, Partial<VersionMetrics>>) : {}

const listOf = <Item>(value: unknown, read: (item: unknown) => Item): readonly Item[] =>
  Array.isArray(value) ? value.map(read) : []

/** Returns the value with the members that it lacks, or that are of another kind, from an empty one. */
function completed<Value extends object>(empty: Value, value: unknown): Value {
  if (!isObject(value)) return empty
  const members = Object.entries(empty).map(([name, none]) => [name, fitting(none, value[name])])
  return { ...value, ...Object.fromEntries(members) } as Value
}

function fitting(none: unknown, found: unknown): unknown {
  if (found === undefined) return none
  if (none === null || found === null) return found
  if (Array.isArray(none)) return Array.isArray(found) ? found : none
  if (isObject(none)) return isObject(found) && !Array.isArray(found) ? { ...none, ...found } : none
  return typeof found === typeof none ? found : none
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null
