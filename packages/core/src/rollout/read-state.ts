import { isRecord } from '../foundation/options.js'
import { noArrivals } from './arrivals.js'
import { idleState, ROLLOUT_STATES, type RolloutState, type RolloutStateName, WAITS } from './state.js'
import { areOfArms, damaged, isCount, isNullOr, isNumber, isShare, isTime } from './stored-forms.js'

const PAUSABLE: readonly unknown[] = ['warming', 'progressing', 'baking']

/**
 * Reads a stored state. Throws `INVALID_STATE` for an invalid name, epoch, step, weight, kill switch or pause; any other
 * invalid member gets the value that delays the rollout.
 *
 * @param steps the number of steps of the stored plan
 */
export function readState(value: unknown, steps: number): RolloutState {
  if (!isRecord(value)) throw damaged('state', 'an object', value)
  const { state, epoch, step, weight, enabled, switches } = value
  if (!isStateName(state)) throw damaged('state.state', `one of ${ROLLOUT_STATES.join(', ')}`, state)
  if (!isCount(epoch)) throw damaged('state.epoch', 'a whole number from 0 up', epoch)
  if (!isCount(step) || step > steps) throw damaged('state.step', `a whole number from 0 to ${steps}`, step)
  if (!isShare(weight)) throw damaged('state.weight', 'a number from 0 to 100', weight)
  if (typeof enabled !== 'boolean') throw damaged('state.enabled', 'true or false', enabled)
  if (switches !== undefined && !isCount(switches))
    throw damaged('state.switches', 'a whole number from 0 up', switches)
  const { visit, elapsedInStepMs, elapsedMs, requests, firstStep, arrivals, lookMs } = value
  return {
    ...value,
    ...{ state, epoch, step, weight, enabled },
    visit: isCount(visit) ? visit : 0,
    elapsedInStepMs: isTime(elapsedInStepMs) ? elapsedInStepMs : 0,
    elapsedMs: isTime(elapsedMs) ? elapsedMs : 0,
    requests: areOfArms(requests) ? requests : idleState.requests,
    firstStep: isCount(firstStep) && firstStep >= 1 && firstStep <= steps ? firstStep : 1,
    demoted: value.demoted === true,
    alerts: readAlerts(value.alerts),
    arrivals: areArrivals(arrivals) ? arrivals : noArrivals,
    hasServed: value.hasServed === true,
    lookMs: isTime(lookMs) ? lookMs : 0,
    stalled: value.stalled === true,
    ...readPlace(state, value),
  } as RolloutState
}

/** Returns whether a stored value is the name of a state. */
export const isStateName = (value: unknown): value is RolloutStateName =>
  (ROLLOUT_STATES as readonly unknown[]).includes(value)

/** Returns whether a stored value says what a rollout waits for. */
export const isWait = (value: unknown): boolean =>
  isNullOr(value, (name) => (WAITS as readonly unknown[]).includes(name))

/** Returns the members that depend on the state: only a live one waits, only a paused one has a pause. */
function readPlace(state: RolloutStateName, { waitingFor, pause, reason }: Readonly<Record<string, unknown>>) {
  const hasEnded = state === 'promoted' || state === 'rolled-back'
  const canWait = !hasEnded && state !== 'idle'
  if (state === 'paused' && !isPause(pause)) throw damaged('state.pause', '{ from, untilMs }', pause)
  return {
    waitingFor: canWait && isWait(waitingFor) ? waitingFor : null,
    pause: state === 'paused' ? pause : null,
    reason: hasEnded ? (typeof reason === 'string' ? reason : '') : null,
  }
}

const isPause = (value: unknown): boolean =>
  isRecord(value) && PAUSABLE.includes(value.from) && isNullOr(value.untilMs, isNumber)

function readAlerts(value: unknown): Readonly<Record<string, unknown>> {
  if (!isRecord(value)) return {}
  const alerts = Object.entries(value)
  return alerts.every(([, alert]) => isAlert(alert)) ? value : Object.fromEntries(alerts.filter(([, a]) => isAlert(a)))
}

const isAlert = (value: unknown): boolean =>
  isRecord(value) &&
  [value.at, value.lastAt].every(isTime) &&
  [value.said, value.count].every(isCount) &&
  typeof value.isOn === 'boolean'

const areArrivals = (value: unknown): boolean =>
  isRecord(value) &&
  [value.watchedMs, value.lastMs, value.baseline].every(isTime) &&
  [value.lastAt, value.apartMs, value.usualGapMs].every((ms) => isNullOr(ms, isTime))
