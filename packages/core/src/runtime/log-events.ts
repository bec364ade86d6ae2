import { visibleLine } from '../foundation/visible-text.js'
import type { Events } from './events.js'

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
 * Logs every event except holds, one line each. A rollback is a single line with its reason and the canary's latest
 * error. A logger that throws or rejects counts as a failed listener.
 */
export function logEvents(name: string, events: Events, logger: Logger): void {
  const line = (message: string) => visibleLine(`[canary ${name}] ${message}`) // a reason may be untrusted text
  let observed: string | undefined // the last decision that was not applied; every look repeats it
  events.on('decision', ({ action, reason, actor, applied }) => {
    const isRepeated = !applied && observed === action
    observed = applied ? undefined : action
    if (action === 'hold' || isRepeated || (action === 'rollback' && applied)) return undefined // the event says it
    return logger.info(line(`${action}${applied ? '' : ' (observed only)'} by ${actor}: ${reason}`))
  })
  events.on('step', ({ to, weight, epoch }) => {
    if (weight === 0) return undefined // it begins or ends, which has a line of its own
    return logger.info(line(`step ${to} of epoch ${epoch}: ${weight} % of the requests go to the canary`))
  })
  events.on('promoted', ({ reason }) => logger.info(line(`promoted: ${reason}`)))
  events.on('rolled-back', ({ reason, errors }) => {
    const latest = errors?.[0]
    const failure = latest === undefined ? '' : `; the canary's latest error, ${latest.count} times: ${latest.message}`
    return logger.warn(line(`rolled back, the canary gets 0 % of the requests: ${reason}${failure}`))
  })
  events.on('model-error', ({ version, message, count }) =>
    logger.warn(line(`${version} failed (${count} so far): ${message}`)),
  )
  events.on('alert', ({ about, message }) => logger.warn(line(`${about}: ${message}`)))
  events.on('internal-error', ({ error, count }) => logger.error(line(`${error.message} (${count} so far)`)))
}
