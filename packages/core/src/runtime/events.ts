import { CanaryError, type CanaryErrorCode } from '../foundation/errors.js'
import type { ModelError, Variant } from '../foundation/vocabulary.js'
import type { AlertAbout, NewsEvents } from '../rollout/news.js'
import type { Drift } from '../rollout/ports.js'
import type { Clock } from './clock.js'
import { createEmitter, type Listener } from './emitter.js'

/** All events, by name. */
export interface CanaryEvents extends NewsEvents {
  /** A model failed; at most one event per second and version. */
  readonly 'model-error': ModelError & { readonly at: number; readonly variant: Variant; readonly version: string }
  /** The weight at the target was changed from outside. Until this is undone, only harm moves the rollout. */
  readonly drift: Drift & { readonly at: number }
  /**
   * This process has begun to judge for all processes that share the rollout, or no longer does. Only a store that is
   * shared has a leader, also while a single process uses it.
   */
  readonly leader: {
    readonly at: number
    readonly isLeader: boolean
    /** The number of the lease that this process has got or lost. It rises with every new holder. */
    readonly fence: number
    /** The id of the process that holds the lease now, as in its `status().instance`; `null` if that is not known. */
    readonly holder: string | null
  }
  /** An internal failure; requests were not affected. At most one event per second and code; `count` is the total. */
  readonly 'internal-error': {
    readonly at: number
    readonly code: CanaryErrorCode
    readonly error: CanaryError
    readonly count: number
  }
}

/** The events of one canary, and counts of its internal failures. */
export interface Events {
  on<Name extends keyof CanaryEvents>(name: Name, listener: Listener<CanaryEvents[Name]>): () => void
  emit<Name extends keyof CanaryEvents>(name: Name, payload: CanaryEvents[Name]): void
  /** Emits `alert`; with the figures if it is about the plan. */
  alert(about: AlertAbout, message: string, figures?: Pick<NewsEvents['alert'], 'plan'>): void
  /** Emits `drift`: the weight at the target was changed. */
  drifted(drift: Drift): void
  /** Counts an internal failure and emits `internal-error`; never throws. */
  report(error: CanaryError): void
  /** How often each code was reported. */
  counts(): Readonly<Partial<Record<CanaryErrorCode, number>>>
  clear(): void
}

/** The shortest time between two events of one code, in milliseconds. */
const QUIET_MS = 1_000

/** Creates the events of one canary. */
export function createEvents(clock: Clock): Events {
  const seen = new Map<CanaryErrorCode, { count: number; saidAt: number }>()
  const emitter = createEmitter<CanaryEvents>((cause, name) => {
    report(new CanaryError('LISTENER_FAILED', `the listener of "${name}" threw or rejected`, { cause }))
  })

  const report = (error: CanaryError): void => {
    const entry = seen.get(error.code) ?? { count: 0, saidAt: Number.NEGATIVE_INFINITY }
    seen.set(error.code, entry)
    entry.count += 1
    const elapsed = clock.elapsed()
    if (elapsed - entry.saidAt < QUIET_MS) return
    entry.saidAt = elapsed
    emitter.emit('internal-error', { at: clock.now(), code: error.code, error, count: entry.count })
  }

  const alert: Events['alert'] = (about, message, figures) => {
    emitter.emit('alert', { at: clock.now(), about, message, ...figures })
  }

  return {
    on: emitter.on,
    emit: emitter.emit,
    alert,
    drifted(drift) {
      emitter.emit('drift', { at: clock.now(), ...drift })
    },
    report,
    counts: () => Object.fromEntries([...seen].map(([code, { count }]) => [code, count])),
    clear: emitter.clear,
  }
}
