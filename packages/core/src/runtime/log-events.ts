import { visibleLine } from '../foundation/visible-text.js'
import { placeOf } from '../rollout/place.js'
import type { CanaryEvents, Events } from './events.js'

/** The methods that common loggers provide. */
export interface Logger {
  /** Logs an ordinary decision. */
  info(message: string): unknown
  /** Logs something that a person should look at. */
  warn(message: string): unknown
  /** Logs a rollback or a failure inside the library. */
  error(message: string): unknown
}

/**
 * Logs every event except holds and `leader`, one line each. A rollback is a single line with its reason and the
 * canary's latest error. A logger that throws or rejects counts as a failed listener.
 */
export function logEvents(name: string, events: Events, logger: Logger): void {
  const line = (message: string) => visibleLine(`[canary ${name}] ${message}`) // a reason may be untrusted text
  let observed: string | undefined // the last decision that was not applied; every look repeats it
  events.on('decision', ({ action, reason, actor, applied, step }) => {
    const isRepeated = !applied && observed === action
    observed = applied ? undefined : action
    if (action === 'hold' || isRepeated || (action === 'rollback' && applied)) return undefined // the event says it
    const from = action === 'advance' ? ` from ${placeOf(step)}` : '' // its reason is about the step that ended
    return logger.info(line(`${action}${from}${applied ? '' : ' (observed only)'} by ${actor}: ${reason}`))
  })
  events.on('step', ({ from, to, weight, epoch }) => {
    if (weight === 0) return undefined // it begins or ends, which has a line of its own
    const way = from === to ? placeOf(to) : `from ${placeOf(from)} to ${placeOf(to)}`
    return logger.info(line(`${way} of epoch ${epoch}, at ${weight} % of the requests`))
  })
  events.on('promoted', ({ reason }) => logger.info(line(`promoted: ${reason}`)))
  events.on('rolled-back', (rollback) => logger.warn(line(describeRollback(rollback))))
  events.on('model-error', ({ version, message, count }) =>
    logger.warn(line(`${version} failed (${count} so far): ${message}`)),
  )
  events.on('alert', ({ about, message }) => logger.warn(line(`${about}: ${message}`)))
  events.on('internal-error', ({ error, count }) => logger.error(line(`${error.message} (${count} so far)`)))
}

/** Says in one line who rolled back, from which share, after how long and how many requests, and why. */
function describeRollback(rollback: CanaryEvents['rolled-back']): string {
  const { actor, step, weight, elapsedInStepMs, requests, reason, errors } = rollback
  const by = actor === undefined ? '' : ` by ${actor}`
  const from = !weight ? '' : ` instead of ${weight} %`
  const seconds = Math.round((elapsedInStepMs ?? 0) / 1_000)
  const counts = requests && `${requests.canary} canary and ${requests.baseline} baseline requests`
  const where = counts === undefined ? '' : ` (after ${seconds} s in ${placeOf(step ?? 0)}, ${counts})`
  const latest = errors?.[0]
  const failure = latest && `; the canary's latest error, ${latest.count} times: ${latest.message}`
  return `rolled back${by}, to 0 %${from} of the requests${where}: ${reason}${failure ?? ''}`
}
