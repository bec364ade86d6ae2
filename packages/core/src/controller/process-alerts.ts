import type { AlertAbout } from '../rollout/news.js'
import { loseCause, type StandingAlert, seeCause } from '../rollout/standing-alert.js'
import type { Clock } from '../runtime/clock.js'
import type { Events } from '../runtime/events.js'

/** Alerts about causes that only this process sees, such as a store that it cannot reach. */
export interface ProcessAlerts {
  /**
   * Raises an alert unless it was raised recently, and repeats it while its cause remains.
   * `key` distinguishes causes about the same topic.
   */
  raise(about: AlertAbout, message: string, key?: string): void
  /** Raises an alert about a cause that has passed already, unless it was raised recently. */
  note(about: AlertAbout, message: string, key?: string): void
  /** Records that the cause is gone. */
  calm(key: string): void
  /** Stops all repetitions. */
  close(): void
}

/** The options of {@link createProcessAlerts}. */
export interface ProcessAlertsOptions {
  readonly events: Pick<Events, 'alert'>
  readonly clock: Pick<Clock, 'now' | 'schedule'>
  /** How long after its first time an alert is repeated, in milliseconds, rising. */
  readonly repeatMs: readonly number[]
}

/** The most causes that are remembered; some of their names come from outside. */
const MOST_CAUSES = 50

/** Creates an empty set of alerts. A cause that comes and goes is one alert, which is repeated with a count. */
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
