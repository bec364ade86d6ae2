import { CanaryError } from '../foundation/errors.js'
import type { Lease } from '../rollout/fleet.js'
import type { Head } from '../rollout/records.js'
import { recalled } from '../rollout/releases.js'
import { hasSameHead, type StoredPlace } from '../rollout/stored-records.js'
import type { StoredRollout } from '../rollout/stored-rollout.js'
import { backOff } from '../runtime/deadline.js'
import { createInTurn } from '../runtime/in-turn.js'
import { type CheckedStoreOptions, createCheckedStore } from './checked-store.js'
import { createForcedChanges, type Decide } from './forced-changes.js'
import { createHearing, followStore } from './hearing.js'
import { createKnownRollout, type KnownRollout, type KnownRolloutOptions } from './known-rollout.js'
import { createOlderReads } from './older-reads.js'
import { createStoreReads, type StoreReads } from './store-reads.js'

/** How often a change is decided anew because somebody else wrote first. */
const MOST_CONFLICTS = 10

const CONFLICTS_ADVICE = 'check that load() and write() of the store see the same, and how many controllers share it'

/** What is to be written. */
export interface ToWrite {
  readonly next: StoredRollout
}

/** How a decision is written. */
export interface CommitOptions {
  /** True for what only the leader of several processes may write. Without a fleet, every process may. */
  readonly isJudged?: boolean
}

/** The right to judge a rollout of several processes. */
export interface Judging {
  /** The lease, while this process holds it. */
  readonly lease: Lease | undefined
  /** Called when a write was refused because another process has the lease. */
  lost(): void
}

/** The rollout as this process knows it, in step with the store. */
export interface Ledger {
  readonly current: StoredRollout
  /** Whether something is true here that the store has not taken yet. */
  readonly isAhead: boolean
  /** Whether the store has told of anything that this process did not write itself. */
  readonly hasHeard: boolean
  /** Takes up what is stored. */
  load(): Promise<void>
  /** Adopts a head that the store has shown, if it is later than the one known here; `null` if the store is empty. */
  hear(head: Head | null): void
  /** Returns what is stored, and takes nothing of it up. Rejects with what the store fails with. */
  stored(): Promise<StoredRollout | undefined>
  /**
   * Decides on the newest state, writes, and only then lets it be true here.
   * Resolves to what `decide` returned last once that is written, or to `undefined` if nothing was.
   */
  commit<Made extends ToWrite>(
    decide: (current: StoredRollout) => Made | undefined,
    options?: CommitOptions,
  ): Promise<Made | undefined>
  /**
   * Is true here at once and is written until it is taken: for everything that takes canary away.
   * `again` makes the same change to what somebody else wrote in between; `undefined` lets that stand instead.
   */
  force(next: StoredRollout, again: Decide): Promise<void>
  close(): void
}

/** What a ledger needs. */
export interface LedgerOptions extends Omit<CheckedStoreOptions, 'signal'>, Omit<KnownRolloutOptions, 'onDeposed'> {
  /** Left out without a fleet: then this process judges. */
  readonly judging?: Judging | undefined
  /** Told of what the store held instead of a forced change, which was given up for it. */
  readonly onOverruled: (ours: StoredRollout, theirs: StoredRollout) => void
  /** Told when a forced change is in the store, over what somebody else had written in between: they may have acted on theirs. */
  readonly onRetold: () => void
  /** Told of what failed where nobody waits for it. */
  readonly onFailure: (error: unknown) => void
}

/** Makes a ledger. Commits are written one after another; a forced change is written beside them at once. */
export function createLedger(options: LedgerOptions): Ledger {
  const { clock, judging } = options
  const closing = new AbortController()
  const adopt = (stored: unknown): StoredRollout => recalled(options.adopt(stored), known.current)
  const checked = createCheckedStore({ ...options, adopt, signal: closing.signal })
  const known: KnownRollout = createKnownRollout({ ...options, onDeposed: judging?.lost }, checked)
  const shared = { ...options, known, checked, older: createOlderReads(), inTurn: createInTurn() }
  const forced = createForcedChanges({ ...shared, closed: closing.signal })
  const reads = createStoreReads({ ...shared, isAhead: () => forced.isAhead })
  const { inTurn } = shared
  let hurry = new AbortController() // aborted when a forced change waits for its turn

  const hear = createHearing({
    ...{ ...shared, reads, adopt, closed: closing.signal },
    isAhead: () => forced.isAhead,
  })
  const unsubscribe = followStore(options, hear)

  return {
    get current() {
      return known.current
    },
    get isAhead() {
      return forced.isAhead
    },
    get hasHeard() {
      return reads.hasHeard
    },
    load: () => inTurn(() => reads.reload()),
    hear,
    stored: checked.read,
    commit: (decide, { isJudged = false } = {}) =>
      inTurn(async () => {
        const lease = (): Lease | undefined => (isJudged ? judging?.lease : undefined)
        if (judging && !isJudged) await reads.reload(true) // the body may be newer than the one known here
        if (judging && isJudged && lease() === undefined) return undefined
        return decideAndWrite(decide, { clock, known, reads, lease, hurry: hurry.signal, closed: closing.signal })
      }),
    force(next, again) {
      const write = forced.begin(next, again)
      hurry.abort()
      hurry = new AbortController()
      const written = write()
      void inTurn(() => written) // later commits are decided on what is stored then
      return written
    },
    close() {
      closing.abort()
      hurry.abort()
      reads.close()
      unsubscribe()
    },
  }
}

/** Decides and writes until the store takes the result. A forced change ends that: it is written instead. */
async function decideAndWrite<Made extends ToWrite>(
  decide: (current: StoredRollout) => Made | undefined,
  {
    clock,
    known,
    reads,
    lease,
    hurry,
    closed,
  }: Pick<LedgerOptions, 'clock'> & {
    readonly known: KnownRollout
    readonly reads: StoreReads
    /** Returns the lease under which this is written; `undefined` if none is needed. */
    readonly lease: () => Lease | undefined
    /** Aborted if a forced change waits for its turn. */
    readonly hurry: AbortSignal
    readonly closed: AbortSignal
  },
): Promise<Made | undefined> {
  for (let conflicts = 0; conflicts < MOST_CONFLICTS; conflicts += 1) {
    const { current: before, expected: over } = known
    const made = decide(before)
    if (made === undefined) return undefined
    const written = await writeOrKeep(made.next, { known, over, lease: lease() })
    if (known.current !== before) return undefined // a forced change came in between, and is written next
    if (written !== undefined) {
      known.become(written)
      return made
    }
    await reads.reload(true)
    const isNews = known.current !== before || known.expected.tag !== over.tag
    if (conflicts > 0 || !isNews) await backOff(clock, conflicts, hurry)
    if (hurry.aborted && !closed.aborted) return undefined
  }
  throw new CanaryError('STORE_FAILED', `gave up after ${MOST_CONFLICTS} write conflicts; ${CONFLICTS_ADVICE}`)
}

/** Writes a rollout. A leader that decided nothing replaces only the body, which is not sent to the other processes. */
async function writeOrKeep(
  next: StoredRollout,
  { known, over, lease }: { known: KnownRollout; over: StoredPlace; lease: Lease | undefined },
): Promise<StoredRollout | undefined> {
  const { current } = known
  if (lease === undefined || current.tag !== over.tag || !hasSameHead(current, next)) {
    return known.write(next, over, { lease })
  }
  return (await known.keep(next, lease)) ? next : undefined
}
