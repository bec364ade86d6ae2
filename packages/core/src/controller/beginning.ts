import { isCanaryError } from '../foundation/errors.js'
import { refuseBeside } from '../rollout/releases.js'
import { isLive } from '../rollout/state.js'
import type { Dispatcher } from './dispatcher.js'
import { describeOldBaseline } from './old-baseline.js'
import type { ProcessAlerts } from './process-alerts.js'
import { resolveVerb, type VerbOptions } from './verbs.js'

/** Starts the rollout in this process. */
export interface Beginning {
  /** True once `start` was called. */
  readonly isWanted: boolean
  /** True once the stored rollout was resumed or a new one was begun. */
  readonly hasBegun: boolean
  /**
   * Resumes the stored rollout or begins a new one. Also resolves if the store is down, so that the service can start.
   * Rejects `INVALID_STATE`, and `RELEASE_LIVE` while another release is live.
   */
  start(options: VerbOptions): Promise<void>
  /** Completes a start that failed because the store was down. Has no effect otherwise. */
  catchUp(): Promise<void>
  /** Begins a new rollout if there is none. */
  startIfIdle(actor: string, reason?: string): Promise<void>
}

/** The options of {@link createBeginning}. */
export interface BeginningOptions {
  readonly dispatcher: Dispatcher
  /** How many steps the plan has. */
  readonly steps: number
  /** What was asked for with the option `onNewRelease`. */
  readonly onNewRelease: 'reject' | 'supersede'
  /** Called once the rollout has begun, if it is live. */
  readonly onBegun: () => void
  /** Gets an alert if a release has begun whose baseline was replaced by a promotion. */
  readonly alerts: Pick<ProcessAlerts, 'note'>
  /** Joins the other processes of the rollout. */
  readonly join: () => void
  readonly onStoreFailure: (error: unknown) => void
}

/** Creates the beginning of a rollout; nothing happens before `start`. */
export function createBeginning(options: BeginningOptions): Beginning {
  const { dispatcher, steps, onNewRelease, join, onBegun, alerts, onStoreFailure } = options
  let wantedBy: { readonly actor: string; readonly reason: string | undefined } | undefined
  let hasBegun = false

  const startIfIdle: Beginning['startIfIdle'] = async (actor, reason = 'started') => {
    let old: string | undefined
    await dispatcher.dispatch((current) => {
      if (current.state.state !== 'idle') return undefined
      if (onNewRelease === 'reject') refuseBeside(current, 'start')
      old = describeOldBaseline(current)
      return { event: { type: 'start', reason }, ground: { actor } }
    })
    if (old !== undefined) alerts.note('config', old, 'baseline')
  }

  const catchUp = async (): Promise<void> => {
    if (wantedBy === undefined || hasBegun) return
    await dispatcher.load()
    join()
    await startIfIdle(wantedBy.actor, wantedBy.reason)
    hasBegun = true
    if (isLive(dispatcher.current.state)) onBegun()
  }

  return {
    get isWanted() {
      return wantedBy !== undefined
    },
    get hasBegun() {
      return hasBegun
    },
    async start(options) {
      const { actor, reason } = resolveVerb('start', options, steps)
      wantedBy = { actor, reason }
      try {
        await catchUp()
      } catch (cause) {
        if (!isCanaryError(cause, 'INVALID_STATE') && !isCanaryError(cause, 'RELEASE_LIVE'))
          return onStoreFailure(cause)
        wantedBy = undefined
        throw cause
      }
    },
    catchUp,
    startIfIdle,
  }
}
