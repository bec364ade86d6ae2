import { CanaryError } from '../foundation/errors.js'
import { show } from '../foundation/options.js'
import type { Guardrail } from '../guardrails/guardrail.js'
import { resolveGuardrails } from '../guardrails/resolve-guardrails.js'
import type { Calibration } from '../judging/judge.js'
import { type Analysis, type Bench, contextOf } from './analyze.js'
import { answeredBefore } from './answered-since.js'
import type { Course } from './course.js'
import type { Decision } from './decision.js'
import type { Effect, RolloutEvent } from './event.js'
import { courseFor } from './followed-course.js'
import { numberedAfter, type UnnumberedDecision } from './history.js'
import { readStored } from './read-stored.js'
import { inPlaceOfLatest, isSameRelease, stateUnder } from './releases.js'
import { elapse, idleState, isLive, isTerminal, type RolloutState } from './state.js'
import { SCHEMA, type StoredRollout } from './stored-rollout.js'
import { fitInto, historyOf } from './stored-size.js'
import { transition } from './transition.js'

/** A rollout that has never been stored. */
export function freshRollout({
  name,
  versions,
  guardrails,
  course,
  config,
}: Pick<StoredRollout, 'name' | 'versions' | 'guardrails' | 'config'> & { readonly course: Course }): StoredRollout {
  return {
    schema: SCHEMA,
    tag: '',
    name,
    versions,
    weights: course.steps.map(({ weight }) => weight),
    revision: 0,
    decided: 0,
    fence: 0,
    config,
    savedAt: 0,
    openedAt: 0,
    state: idleState,
    guardrails,
    evidence: null,
    calibration: {},
    cumulative: null,
    checks: [],
    history: [],
    turns: [],
  }
}

/**
 * What a stored rollout means to this process. If it is of another release, this process has the end of its own, as it
 * is stored with the other one; a release whose end is not stored is idle, and begins under the next epoch.
 *
 * @param isShared true where several processes share a rollout: then a live one is followed with its own plan
 * @throws `INVALID_STATE` for an invalid or newer form, another name, or a live rollout under another plan
 */
export function takeUp(given: unknown, own: StoredRollout, isShared = false): StoredRollout {
  const stored = readStored(given)
  if (stored.name !== own.name) {
    throw new CanaryError(
      'INVALID_STATE',
      `the store holds rollout ${show(stored.name)}, not "${own.name}"; give each rollout a store of its own`,
    )
  }
  const { state, versions, history, outbox, pasts } = stored
  if (!isSameRelease(versions, own.versions)) {
    const { tag, revision, decided, fence } = stored
    const kept = { ...(outbox && { outbox }), ...(pasts && { pasts }) } // a past may be of the next release's baseline
    return {
      ...own,
      ...{ tag, revision, decided, fence, history, ...kept },
      state: stateUnder(stored, own.versions),
      latest: stored,
    }
  }
  if (isLive(state) && isShared) return { ...stored, guardrails: startedWith(stored, own, isShared) }
  if (isLive(state) && JSON.stringify(stored.weights) !== JSON.stringify(own.weights)) {
    throw new CanaryError(
      'INVALID_STATE',
      `the rollout under way follows the weights ${stored.weights}, not ${own.weights}; end it first, or keep its plan`,
    )
  }
  const { weights } = own
  const guardrails = isLive(state) ? startedWith(stored, own, false) : own.guardrails
  return { ...stored, weights, guardrails }
}

/** The guardrails that a rollout under way was started with. A shared rollout keeps those that cannot be read here. */
function startedWith({ guardrails }: StoredRollout, own: StoredRollout, isShared: boolean): readonly Guardrail[] {
  if (JSON.stringify(guardrails) === JSON.stringify(own.guardrails)) return own.guardrails
  try {
    return resolveGuardrails(guardrails)
  } catch (cause) {
    if (isShared) return guardrails
    const advice = 'end it first, with the release that began it'
    throw new CanaryError('INVALID_STATE', `the guardrails of the rollout under way cannot be read; ${advice}`, {
      cause,
    })
  }
}

/** What a change rests on, besides the event itself. */
export interface Occasion {
  /** Wall time, in milliseconds since 1970. */
  readonly at: number
  readonly actor: string
  /** The key of the request that asked for it. */
  readonly idempotencyKey?: string | undefined
  readonly analysis?: Analysis
}

/** A changed rollout and what follows from it. */
export interface Change {
  readonly next: StoredRollout
  readonly effects: readonly Effect[]
  readonly decisions: readonly Decision[]
}

/** What a rollout is changed by, and how much of it is kept. */
interface ChangeOptions {
  readonly bench: Bench
  /** Identifies the options by which this process judges; stored with an epoch that it begins. */
  readonly config: string
  /** The number of decisions that are kept. */
  readonly historySize: number
  /** The number of turns that are kept for a replay. */
  readonly replaySize: number
  readonly maxStoredBytes: number
  /** Reads the thresholds from the baseline, at the beginning of an epoch. */
  readonly calibrate: () => Calibration
}

/** Returns the state that an event leads to. It is a small part of what {@link change} does. */
export const stateAfter = (given: StoredRollout, event: RolloutEvent, course: Course): RolloutState =>
  outcomeOf(given, event, course)[1]

/** Returns the rollout that an event applies to, the state that it leads to, and its effects. */
function outcomeOf(
  given: StoredRollout,
  event: RolloutEvent,
  course: Course,
): readonly [before: StoredRollout, state: RolloutState, effects: readonly Effect[]] {
  const isBeginning = event.type === 'start' || event.type === 'retry'
  const before = isBeginning ? inPlaceOfLatest(given) : given
  const followed = event.type === 'supersede' ? course : courseFor(before, course)
  return [before, ...transition(before.state, event, followed)]
}

/** Applies an event to a stored rollout: state, evidence and history move together. Pure but for what `calibrate` reads. */
export function change(
  given: StoredRollout,
  event: RolloutEvent,
  occasion: Occasion,
  { bench, config, historySize, replaySize, maxStoredBytes, calibrate }: ChangeOptions,
): Change | undefined {
  const { at, analysis } = occasion
  const [before, state, effects] = outcomeOf(given, event, bench.course)
  if (state === before.state && effects.length === 0) return undefined
  const made = effects.flatMap((effect) =>
    effect.type === 'decided' ? [decisionOf(effect, before.state, state, event, occasion)] : [],
  )
  const decisions = numberedAfter(before.history, made)
  const history = historyOf(before.history, decisions, historySize)
  const checks = analysis?.verdict.checks ?? before.checks
  const isCut = analysis?.truncated === true
  const turns = turnsAfter(before.turns, analysis, replaySize)
  const base = { ...before, state, history, turns, checks, savedAt: at, ...(isCut && { truncated: true }) }
  const fitted = (next: StoredRollout): StoredRollout => fitInto(next, maxStoredBytes)
  const isNewEpoch = state.epoch !== before.state.epoch
  const hasNewOptions = isNewEpoch || event.type === 'supersede'
  if (!hasNewOptions && state.step === before.state.step) {
    const { evidence, cumulative, answered = before.answered } = analysis ?? before
    return { next: fitted({ ...base, evidence, cumulative, ...(answered && { answered }) }), effects, decisions }
  }
  const { cumulative, answered = before.answered } = analysis ?? before
  const { answered: _, ...others } = base
  const answeredSoFar = isNewEpoch ? undefined : answeredBefore(answered, cumulative)
  const calibration = isNewEpoch ? calibrate() : before.calibration
  const guardrails = hasNewOptions ? bench.guardrails : before.guardrails
  const previous = hasNewOptions ? undefined : (analysis?.evidence ?? before.evidence ?? undefined)
  const evidence = isTerminal(state)
    ? null
    : bench.judge.open(previous, contextOf({ state, calibration, guardrails }, bench))
  return {
    next: fitted({
      ...others,
      ...(answeredSoFar && { answered: answeredSoFar }),
      openedAt: at,
      calibration,
      guardrails,
      ...(hasNewOptions && { config, weights: bench.course.steps.map(({ weight }) => weight) }),
      evidence,
      cumulative: null,
      checks: hasNewOptions ? [] : checks,
    }),
    effects,
    decisions,
  }
}

/** Returns the turns for a replay. It begins after what was dropped, because that is in the evidence. */
function turnsAfter(
  before: StoredRollout['turns'],
  analysis: Analysis | undefined,
  replaySize: number,
): StoredRollout['turns'] {
  const kept = analysis?.truncated === true ? [] : before
  const turn = analysis?.turn ?? undefined
  return turn === undefined || replaySize === 0 ? kept : [...kept, turn].slice(-replaySize)
}

function decisionOf(
  { action, applied, reason, byClock }: Extract<Effect, { type: 'decided' }>,
  before: RolloutState,
  after: RolloutState,
  event: RolloutEvent,
  { at, actor, idempotencyKey, analysis }: Occasion,
): UnnumberedDecision {
  return {
    at,
    action,
    applied,
    reason,
    actor: byClock === true ? 'clock' : actor,
    epoch: after.epoch,
    step: before.step,
    weight: before.weight,
    elapsedInStepMs: elapse(before, event.sinceMs ?? 0).elapsedInStepMs,
    requests: analysis?.requests ?? before.requests,
    now: { state: after.state, step: after.step, weight: after.weight, waitingFor: after.waitingFor },
    verdict: analysis?.verdict ?? null,
    ...(idempotencyKey !== undefined && { idempotencyKey }),
  }
}
