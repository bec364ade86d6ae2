import { isRecord } from '../foundation/options.js'
import type { Decision } from './decision.js'
import type { Body, Head, Records } from './records.js'
import { releasesOf } from './releases.js'
import { isLive, type RolloutState, switchOf } from './state.js'
import type { RecordWrite } from './store.js'
import { SCHEMA, type StoredRollout } from './stored-rollout.js'

/** The members of a state that change at each look, without a decision. The body has their latest values. */
const PROGRESS = [
  'elapsedInStepMs',
  'elapsedMs',
  'waitingFor',
  'requests',
  'alerts',
  'arrivals',
  'hasServed',
  'lookMs',
  'stalled',
] as const satisfies readonly (keyof RolloutState)[]

/** Returns what all processes have to obey of a rollout: of the latest release, if this process has an earlier one. */
export function headOf(rollout: StoredRollout): Head {
  const { tag, revision, decided, fence, latest } = rollout
  const { name, versions, weights, config, openedAt, guardrails, more } = latest ?? rollout
  const state = latest ? { ...latest.state, ...switchOf(rollout.state) } : rollout.state
  const ended = releasesOf(rollout)
  const { epoch, visit, step, weight, enabled, switches = 0 } = state
  return {
    ...more,
    wire: 1,
    route: { epoch, visit, step, weight, active: enabled },
    status: state.state,
    rev: revision,
    switch: { on: enabled, n: switches },
    schema: SCHEMA,
    ...{ tag, name, versions, config, fence, weights, guardrails, openedAt, state, decided },
    ...(ended.length > 0 && { ended }),
  }
}

/** Returns what only the judging process needs of a rollout. */
export function bodyOf(rollout: StoredRollout): Body {
  const { savedAt, state, evidence, calibration, cumulative, checks, turns } = rollout
  const { answered, truncated, pasts, outbox } = rollout
  const holds = notStored(rollout)
  return {
    schema: SCHEMA,
    of: { epoch: state.epoch, visit: state.visit },
    ...{ savedAt, state, evidence, calibration, cumulative, checks, turns },
    ...(holds.length > 0 && { holds }),
    ...(answered && { answered }),
    ...(truncated && { truncated }),
    ...(pasts && { pasts }),
    ...(outbox && { outbox }),
  }
}

/**
 * Returns the stored records as one object, which may be damaged: `readStored` reads it. A body of another stay than the
 * head's has no evidence of this one: its requests are counted from 0 then, because the source has all of them.
 */
export function documentOf(records: { readonly [Name in keyof Records]?: unknown }): unknown {
  const { head, body, history } = records
  if (!isRecord(head)) return head
  const { wire: _, route: __, status: ___, switch: ____, ...told } = head // the state says it, too
  const { rev, state, tag, schema, name, versions, weights, decided, fence, config, ...others } = told
  const { openedAt, guardrails, ended, ...more } = others
  const kept = isRecord(body) ? body : {}
  const { savedAt, calibration, checks, turns, truncated, pasts, outbox } = kept
  const known = { calibration, checks, turns, truncated, pasts, outbox }
  const document = {
    ...{ schema, tag, name, versions, weights, revision: rev, decided, fence, config },
    ...{ savedAt, openedAt, state, guardrails, evidence: null, cumulative: null, history, ended },
    ...known,
    more,
  }
  if (!isRecord(state)) return document
  const isOfStay = isRecord(kept.of) && kept.of.epoch === state.epoch && kept.of.visit === state.visit
  if (!isOfStay || !isRecord(kept.state)) return { ...document, state: withoutRequests(state) }
  const { evidence, cumulative, answered, holds } = kept
  const found = { evidence, cumulative, answered, history: withHolds(history, holds, decided) }
  return { ...document, state: withProgress(state, kept.state), ...found }
}

/** Returns a stored state with the progress of another one, which may have no such members. */
function withProgress(state: object, progress: Readonly<Record<string, unknown>>): object {
  if (!isLive(state as RolloutState)) return state
  return { ...state, ...Object.fromEntries(PROGRESS.map((name) => [name, progress[name]])) }
}

/** Returns a live state without the requests that its lost evidence had. */
function withoutRequests(state: Readonly<Record<string, unknown>>): object {
  return isLive(state as never) ? { ...state, requests: { baseline: 0, canary: 0 } } : state
}

/** Returns the decisions that the stored history does not have. */
const notStored = ({ history, decided }: StoredRollout): readonly Decision[] =>
  history.filter(({ sequence }) => sequence > decided)

/** Returns a stored history with the holds that follow it. */
function withHolds(history: unknown, holds: unknown, decided: unknown): unknown {
  if (!Array.isArray(history) || !Array.isArray(holds) || typeof decided !== 'number') return history
  return [...history, ...holds.filter((hold) => isRecord(hold) && Number(hold.sequence) > decided)]
}

/**
 * Returns whether the other processes need not be told of a rollout: it differs from another one only in its body,
 * nothing was decided in between but to hold, and users are counted by the same forms.
 */
export function hasSameHead(a: StoredRollout, b: StoredRollout): boolean {
  const headText = (rollout: StoredRollout): string =>
    JSON.stringify([
      { ...headOf(rollout), state: withProgress(rollout.state, {}) },
      rollout.pasts?.flatMap(({ form }) => form ?? []) ?? [],
    ])
  return notStored(b).every(({ action }) => action === 'hold') && headText(a) === headText(b)
}

/** The stored head that a write replaces. */
export interface StoredPlace extends Pick<StoredRollout, 'tag' | 'revision' | 'decided' | 'fence'> {}

/** The place of the first write. */
export const NOTHING_STORED: StoredPlace = { tag: '', revision: 0, decided: 0, fence: 0 }

/** A rollout that is to be written, and the decisions that are new in it. */
export interface Numbered {
  readonly rollout: StoredRollout
  readonly decisions: readonly Decision[]
}

/**
 * Returns a rollout whose decisions that are not stored yet follow those of the place where it is written. A store that
 * was emptied gets all of them.
 */
export function numberedOver(rollout: StoredRollout, place: StoredPlace): Numbered {
  const from = Math.min(rollout.decided, place.decided)
  const firstNew = rollout.history.findIndex(({ sequence }) => sequence > from)
  if (firstNew < 0) return { rollout: { ...rollout, decided: Math.max(place.decided, from) }, decisions: [] }
  let last = place.decided
  const decisions = rollout.history.slice(firstNew).map((decision) => {
    last = Math.max(last + 1, decision.sequence)
    return last === decision.sequence ? decision : { ...decision, sequence: last }
  })
  return {
    rollout: { ...rollout, decided: last, history: [...rollout.history.slice(0, firstNew), ...decisions] },
    decisions,
  }
}

/** Returns the write of a rollout over a stored place. The body is that of the latest release, and stays as it is. */
export function writeOf({ rollout, decisions }: Numbered, place: StoredPlace): RecordWrite {
  return {
    expect: place.tag === '' ? null : place.tag,
    head: headOf(rollout),
    ...(rollout.latest === undefined && { body: bodyOf(rollout) }),
    ...(decisions.length > 0 && { decisions }),
  }
}
