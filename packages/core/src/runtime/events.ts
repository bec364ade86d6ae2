import { CanaryError, type CanaryErrorCode } from '../foundation/errors.js'
import type { ModelError, Variant } from '../foundation/vocabulary.js'
import type { AlertAbout, NewsEvents } from '../rollout/news.js'
import type { Drift } from '../rollout/ports.js'
import type { Clock } from './clock.js'
import { createEmitter, type Listener } from './emitter.js'

/** Everything that can be listened to. */
export interface CanaryEvents extends NewsEvents {
  /** A model failed; at most one event a second and version. */
  readonly 'model-error': ModelError & { readonly at: number; readonly variant: Variant; readonly version: string }
  /** Somebody else changed the weight at the target. Until it is as decided again, only harm moves the rollout. */
  readonly drift: Drift & { readonly at: number }
  /** Something of this library failed; requests went on. At most one event a second and code; `count` is the total. */
  readonly 'internal-error': {
    readonly at: number
    readonly code: CanaryErrorCode
    readonly error: CanaryError
    readonly count: number
  }
}

/** The events of one canary, and the count of what failed inside. */
export interface Events {
  on<Name extends keyof CanaryEvents>(name: Name, listener: Listener<CanaryEvents[Name]>): () => void
  emit<Name extends keyof CanaryEvents>(name: Name, payload: CanaryEvents[Name]): void
  alert(about: AlertAbout, message: string): void
  /** Tells of a changed weight at the target. */
  drifted(drift: Drift): void
  /** Counts a failure inside the library and says so; never throws. */
  report(error: CanaryError): void
  /** How often each code was reported. */
  counts(): Readonly<Partial<Record<CanaryErrorCode, number>>>
  clear(): void
}

/** The least time between two events of one code, in milliseconds. */
const QUIET_MS = 1_000

/** Makes the events of one canary. */
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

  const alert = (about: AlertAbout, message: string): void => {
    emitter.emit('alert', { at: clock.now(), about, message })
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
