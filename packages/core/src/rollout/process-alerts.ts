import type { Clock } from '../clock.js'
import type { AlertAbout, Events } from '../events.js'
import { loseCause, type StandingAlert, seeCause } from './standing-alert.js'

/** Alerts about what this process alone sees, such as a store that is down for it. They stand as those of the rollout do. */
export interface ProcessAlerts {
  /** The cause is there: says so, unless that was said lately. */
  raise(about: AlertAbout, message: string): void
  /** The cause is gone. */
  calm(about: AlertAbout): void
}

/** What such alerts need. */
export interface ProcessAlertsOptions {
  readonly events: Pick<Events, 'alert'>
  readonly clock: Pick<Clock, 'now'>
  /** How long after the first time an alert is said again, in milliseconds, rising. */
  readonly repeatMs: readonly number[]
}

/** Makes alerts of which none stands. What fails now and then is one alert, said again with a count when it is due. */
export function createProcessAlerts({ events, clock, repeatMs }: ProcessAlertsOptions): ProcessAlerts {
  const alerts = new Map<AlertAbout, StandingAlert>()
  return {
    raise(about, message) {
      const { standing, said } = seeCause(alerts.get(about), message, clock.now(), repeatMs)
      alerts.set(about, standing)
      if (said !== undefined) events.alert(about, said)
    },
    calm(about) {
      const standing = alerts.get(about)
      if (standing !== undefined) alerts.set(about, loseCause(standing))
    },
  }
}
