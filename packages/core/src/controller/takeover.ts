import { isLive } from '../rollout/state.js'
import type { Clock } from '../runtime/clock.js'
import type { Dispatcher } from './dispatcher.js'
import type { OwnConfig } from './own-config.js'
import type { Replica } from './replica.js'

/** Lets a process with new options lead a rollout that was started with others, once no process has those any more. */
export interface Takeover {
  /** True while this process may ask for the lease though the rollout was started with other options. */
  readonly isDue: boolean
  /** Asks whether a process has the options of the rollout; if none has, and this process leads, it takes over. */
  check(): Promise<void>
}

/** The options of {@link createTakeover}. */
export interface TakeoverOptions {
  readonly ownConfig: OwnConfig
  readonly dispatcher: Pick<Dispatcher, 'current' | 'dispatch'>
  readonly replica: () => Pick<Replica, 'members'> | undefined
  readonly clock: Pick<Clock, 'elapsed'>
  /** What was asked for with the option `onNewConfig`. */
  readonly onNewConfig: 'reject' | 'supersede'
}

/** For how long no process with the options of the rollout may have reported, in milliseconds: three leases. */
const GONE_MS = 30_000

const REASON = 'goes on with the options of a newer deployment; no process has those with which it was started'

/** Creates a takeover that is not due. */
export function createTakeover({ ownConfig, dispatcher, replica, clock, onNewConfig }: TakeoverOptions): Takeover {
  let seen: { readonly config: string; readonly at: number } | undefined
  let isAlone = false

  const watch = (): boolean => {
    const { config } = dispatcher.current
    if (seen?.config === config) return clock.elapsed() - seen.at >= GONE_MS
    seen = { config, at: clock.elapsed() }
    return false
  }
  const isDue = (): boolean => isAlone && ownConfig.isOther && dispatcher.current.config === seen?.config

  return {
    get isDue() {
      return isDue()
    },
    async check() {
      if (onNewConfig !== 'supersede') return
      if (!ownConfig.isOther) {
        seen = undefined
        return
      }
      isAlone = false
      if (!watch()) return
      const members = (await replica()?.members.read()) ?? []
      isAlone = !members.some(({ config, ageMs }) => config === seen?.config && ageMs < GONE_MS)
      if (!isDue()) return
      await dispatcher.dispatch(
        ({ state, config }) =>
          isLive(state) && config === seen?.config
            ? { event: { type: 'supersede', reason: REASON }, ground: { actor: 'new-config' } }
            : undefined,
        { isJudged: true },
      )
    },
  }
}
