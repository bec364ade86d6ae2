import type { AlertAbout } from '../rollout/news.js'
import { loseCause, type StandingAlert, seeCause } from '../rollout/standing-alert.js'
import type { Clock } from '../runtime/clock.js'
import type { Events } from '../runtime/events.js'

/** Alerts about what this process alone sees, such as a store that is down for it. They stand as those of the rollout do. */
export interface ProcessAlerts {
  /**
   * The cause is there: says so, unless that was said lately, and again when that is due while the cause stays.
   * `key` tells causes about the same thing apart.
   */
  raise(about: AlertAbout, message: string, key?: string): void
  /** The cause was there for a moment: says so, unless that was said lately. */
  note(about: AlertAbout, message: string, key?: string): void
  /** The cause is gone. */
  calm(key: string): void
  /** Nothing is said again. */
  close(): void
}

/** What such alerts need. */
export interface ProcessAlertsOptions {
  readonly events: Pick<Events, 'alert'>
  readonly clock: Pick<Clock, 'now' | 'schedule'>
  /** How long after the first time an alert is said again, in milliseconds, rising. */
  readonly repeatMs: readonly number[]
}

/** So many causes are remembered: some are named from outside. */
const MOST_CAUSES = 50

/** Makes alerts of which none stands. What fails now and then is one alert, said again with a count when it is due. */
export function createProcessAlerts({ events, clock, repeatMs }: ProcessAlertsOptions): ProcessAlerts {
  const alerts = new Map<string, StandingAlert>()
  const timers = new Map<string, () => void>()
  let isClosed = false

  const stop = (key: string): void => {
    timers.get(key)?.()
    timers.delete(key)
  }

  const calm = (key: string): void => {
    const standing = alerts.get(key)
    if (standing !== undefined) alerts.set(key, loseCause(standing))
    stop(key)
  }

  const makeRoom = (): void => {
    if (alerts.size < MOST_CAUSES) return
    const [oldest] = [...alerts].find(([, { isOn }]) => !isOn) ?? [...alerts][0]!
    calm(oldest)
    alerts.delete(oldest)
  }

  const see = (about: AlertAbout, message: string, key: string): StandingAlert => {
    const before = alerts.get(key)
    if (before === undefined) makeRoom()
    const { standing, said } = seeCause(before, message, clock.now(), repeatMs)
    alerts.set(key, standing)
    if (said !== undefined) events.alert(about, said)
    return standing
  }

  const raise = (about: AlertAbout, message: string, key: string = about): void => {
    const { at, said } = see(about, message, key)
    stop(key)
    const nextMs = repeatMs[said - 1]
    if (nextMs === undefined || isClosed) return
    const again = (): void => raise(about, message, key)
    timers.set(key, clock.schedule(at + nextMs - clock.now(), again))
  }

  return {
    raise,
    note(about, message, key = about) {
      see(about, message, key)
      calm(key)
    },
    calm,
    close() {
      isClosed = true
      for (const key of [...timers.keys()]) stop(key)
    },
  }
}
