import { observeOnce } from './audience.js'
import { override } from './override-member.js'
import type { StreamObserver } from './stream-observer.js'

/** The members of an observable that are used: of RxJS, and others with `pipe` or an observable symbol. */
export interface ObservableLike {
  subscribe(...input: unknown[]): unknown
}

/** The three callbacks of an observable. */
interface Subscriber {
  next?: ((value: unknown) => void) | null
  error?: ((error: unknown) => void) | null
  complete?: (() => void) | null
  add?: unknown
}

/** Returns whether a value is an observable, and not another object with `subscribe`. */
export const isObservable = (value: object): value is ObservableLike =>
  'subscribe' in value &&
  typeof value.subscribe === 'function' &&
  (('pipe' in value && typeof value.pipe === 'function') || '@@observable' in value || observableSymbol() in value)

const observableSymbol = (): PropertyKey =>
  (Symbol as { readonly observable?: symbol }).observable ?? Symbol.for('observable')

/** Watches an observable in place: its first subscription belongs to the call. */
export function observeObservable<Source extends ObservableLike>(source: Source, observer: StreamObserver): Source {
  observeOnce(source, observer, (audience) => {
    audience.everybody.parked(true)
    const { subscribe } = source
    override(source, 'subscribe', (first?: unknown, ...rest: unknown[]) => {
      const told = audience.next()
      told.parked(false)
      const subscription = subscribe.call(source, subscriberOf(first, rest, told))
      onLeave(subscription, () => told.abandoned())
      return subscription
    })
  })
  return source
}

/** Returns the watched subscriber. A library's subscriber is watched in place, because it unsubscribes by identity. */
function subscriberOf(first: unknown, rest: readonly unknown[], observer: StreamObserver): Subscriber {
  const given = (typeof first === 'function' ? { next: first, error: rest[0], complete: rest[1] } : first) as Subscriber
  const { next, error, complete } = given ?? {}
  const watched: Subscriber = {
    next(value) {
      observer.chunk()
      next?.call(given, value)
    },
    error(cause) {
      observer.failed(cause)
      if (error) return error.call(given, cause)
      queueMicrotask(() => Promise.reject(cause)) // an unhandled error must stay visible
    },
    complete() {
      observer.ended()
      complete?.call(given)
    },
  }
  if (typeof given?.add !== 'function') return watched
  for (const name of ['next', 'error', 'complete'] as const) override(given, name, watched[name])
  return given
}

function onLeave(subscription: unknown, tell: () => void): void {
  const given = subscription as { add?: (teardown: () => void) => void; unsubscribe?: () => void } | undefined
  if (typeof given?.add === 'function') given.add(tell)
  else if (typeof given?.unsubscribe === 'function') {
    const { unsubscribe } = given
    override(given, 'unsubscribe', () => {
      tell()
      unsubscribe.call(given)
    })
  }
}
