import { isRecord } from '../foundation/options.js'
import { obeyedWire } from '../rollout/obeyed-wire.js'
import { compareEnds, joined, rankOf, withLaterSwitch } from '../rollout/order.js'
import type { Head } from '../rollout/records.js'
import { isSameRelease } from '../rollout/releases.js'
import { shareOf } from '../rollout/state.js'
import type { StateStore } from '../rollout/store.js'
import { bodyOf, documentOf } from '../rollout/stored-records.js'
import { SCHEMA, type StoredRollout } from '../rollout/stored-rollout.js'
import { isThenable, adopt as promiseOf } from '../routing/thenable.js'
import type { Clock } from '../runtime/clock.js'
import type { InTurn } from '../runtime/in-turn.js'
import type { KnownRollout } from './known-rollout.js'
import type { StoreReads } from './store-reads.js'

/** Takes up what a store shows by itself: a head, or `null` if the store is empty. */
export type Hear = (head: Head | null) => void

/** The options of {@link createHearing}. */
export interface HearingOptions {
  readonly known: KnownRollout
  readonly reads: Pick<StoreReads, 'reload' | 'later'>
  readonly inTurn: InTurn
  readonly clock: Clock
  /** Returns a stored rollout in the form that this process uses; throws if it cannot. */
  readonly adopt: (stored: unknown) => StoredRollout
  /** Returns whether a change that is in effect here is not stored yet; if so, nothing is adopted. */
  readonly isAhead: () => boolean
  /** Aborted when the controller no longer waits for the store. */
  readonly closed: AbortSignal
  readonly onFailure: (error: unknown) => void
}

/** How long less canary waits for the read that tells the rest of it, in milliseconds. */
const READ_PATIENCE_MS = 500

/**
 * Creates the function that takes up what the store shows. It reads the store. If that fails, or takes a while, a lower
 * share of the canary is taken from the head alone: a store of which only the reads fail does not delay a rollback.
 */
export function createHearing(options: HearingOptions): Hear {
  const { known, reads, inTurn, clock, adopt, isAhead, closed, onFailure } = options

  /** Returns whether the store has to be read: for a later rollout, or another write with the same revision. */
  const isNews = (head: Head): boolean => {
    const { current } = known
    if (head.rev > current.revision) return true
    return head.rev === current.revision ? head.tag !== current.tag : compareEnds(rankOf(head), current) > 0
  }

  const takeLess = (head: Head): void => {
    if (closed.aborted || isAhead() || !isNews(head)) return
    try {
      const less = lessBy(head, known.current, adopt)
      if (less !== undefined) known.become(less)
    } catch {
      // the read says why
    }
  }

  return (head) => {
    if (closed.aborted || (head !== null && !isHead(head))) return
    if (head !== null && head.rev < known.current.revision && !isNews(head)) return reads.later()
    const isLess = head !== null && shareIn(head) < shareOf(known.current.state)
    const cancel = isLess ? clock.schedule(READ_PATIENCE_MS, () => takeLess(head)) : undefined
    void inTurn(async () => (head === null || isNews(head) || isLess ? reads.reload() : undefined)).then(
      cancel,
      (cause) => {
        cancel?.()
        if (isLess) takeLess(head)
        onFailure(cause)
      },
    )
  }
}

/** Returns the canary's share that a head shows, in percent. */
const shareIn = ({ route, switch: { on } }: Head): number => (on && route.active ? route.weight : 0)

/**
 * Returns the rollout under a head alone, with the body that is known here; `undefined` unless the canary's share is
 * less. Nothing is written before the store is read, so the stored body stays.
 */
function lessBy(
  head: Head,
  current: StoredRollout,
  adopt: (stored: unknown) => StoredRollout,
): StoredRollout | undefined {
  const valid = validUnder(head, current, adopt)
  return shareOf(valid.state) < shareOf(current.state) ? valid : undefined
}

/** Returns what is valid if the store has this head: of a head that a newer release wrote, only what takes away. */
function validUnder(head: Head, current: StoredRollout, adopt: (stored: unknown) => StoredRollout): StoredRollout {
  if (head.schema <= SCHEMA)
    return joined(adopt(documentOf({ head, body: bodyOf(current), history: current.history })), current)
  return isSameRelease(head.versions, current.versions)
    ? obeyedWire(current, head)
    : withLaterSwitch(current, rankOf(head))
}

/** Follows the store. Returns what ends that. A store that cannot be followed is reported; it is read all the same. */
export function followStore(
  { store, onFailure }: { readonly store: StateStore } & Pick<HearingOptions, 'onFailure'>,
  hear: Hear,
): () => void {
  let unsubscribe = (): void => {}
  try {
    unsubscribe = store.follow(hear)
  } catch (cause) {
    Promise.reject(cause).catch(onFailure) // what reports it is still being assembled
  }
  if (isThenable(unsubscribe)) promiseOf(unsubscribe).catch(onFailure) // a store whose subscribing is asynchronous
  return () => {
    try {
      unsubscribe()
    } catch (cause) {
      onFailure(cause)
    }
  }
}

/** Returns whether a message of a store is a head: what every release reads of it has its form. */
const isHead = (head: unknown): head is Head =>
  isRecord(head) && Number.isSafeInteger(head.rev) && isRecord(head.route) && isRecord(head.switch)
