import { isCanaryError } from '../foundation/errors.js'
import { isLive } from '../rollout/state.js'
import type { Dispatcher } from './dispatcher.js'
import { resolveVerb, type VerbOptions } from './verbs.js'

/** How a rollout begins in this process. */
export interface Beginning {
  /** Whether somebody asked for it. */
  readonly isWanted: boolean
  /** Whether the stored rollout was taken up, or a new one begun. */
  readonly hasBegun: boolean
  /** Takes up or begins; a store that is down does not stop a service from starting. Rejects `INVALID_STATE`. */
  start(options: VerbOptions): Promise<void>
  /** Begins at last where the store was down at the start. */
  catchUp(): Promise<void>
  /** Begins a new rollout where there is none. */
  startIfIdle(actor: string, reason?: string): Promise<void>
}

/** What a beginning needs. */
export interface BeginningOptions {
  readonly dispatcher: Dispatcher
  /** How many steps the plan has. */
  readonly steps: number
  /** Called once the rollout has begun, if it is live. */
  readonly onBegun: () => void
  readonly onStoreFailure: (error: unknown) => void
}

/** Makes a beginning that nobody has asked for yet. */
export function createBeginning({ dispatcher, steps, onBegun, onStoreFailure }: BeginningOptions): Beginning {
  let wantedBy: { readonly actor: string; readonly reason: string | undefined } | undefined
  let hasBegun = false

  const startIfIdle: Beginning['startIfIdle'] = async (actor, reason = 'started') => {
    await dispatcher.dispatch(({ state }) =>
      state.state === 'idle' ? { event: { type: 'start', reason }, ground: { actor } } : undefined,
    )
  }

  const catchUp = async (): Promise<void> => {
    if (wantedBy === undefined || hasBegun) return
    await dispatcher.load()
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
        if (!isCanaryError(cause, 'INVALID_STATE')) return onStoreFailure(cause)
        wantedBy = undefined
        throw cause
      }
    },
    catchUp,
    startIfIdle,
  }
}
