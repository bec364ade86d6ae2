import type { RolloutEvent } from '../rollout/event.js'
import type { Change } from '../rollout/record.js'
import { retell } from '../rollout/retell.js'
import { isLive, isReduction } from '../rollout/state.js'
import type { StoredRollout } from '../rollout/stored-rollout.js'
import type { CommitOptions, Ledger, ToWrite } from './ledger.js'
import type { ChangeMaker, Choice, Ground, Made } from './make-change.js'
import type { StayTime } from './stay-time.js'

/** Returns the event that the newest state calls for, or `undefined` if there is none. */
export type Choose<Chosen extends Choice = Choice> = (current: StoredRollout) => Chosen | undefined

/** A change, and the choice that led to it. */
export interface Dispatched<Chosen extends Choice = Choice> extends Change {
  readonly chosen: Chosen
}

/** Makes decisions on the newest state, and stores them. */
export interface Decider {
  /**
   * Makes a decision on the newest state. A reduction of the canary's share takes effect in this process before this
   * returns, and is written afterwards; every other change is written first. Resolves to the change, or to `undefined`
   * if nothing changed.
   */
  dispatch<Chosen extends Choice>(
    choose: Choose<Chosen>,
    options?: CommitOptions,
  ): Promise<Dispatched<Chosen> | undefined>
  /** The first half of `dispatch`: makes only changes that reduce the canary's share. */
  reduce<Chosen extends Choice>(choose: Choose<Chosen>): Dispatched<Chosen> | undefined
  /** Makes a change that takes effect in this process before this returns. Resolves when it is stored. */
  force(event: RolloutEvent, ground: Ground): Promise<void>
  /** Writes the rollout again if messages in it were delivered or others are pending. */
  writeOff(): Promise<void>
  /** Writes the rollout again with the pasts that this returns for the stored ones; while it is live, only a leader. */
  keepPasts(toStore: (stored: StoredRollout['pasts']) => StoredRollout['pasts']): Promise<void>
}

/** The options of {@link createDecider}. */
export interface DeciderOptions {
  readonly ledger: Ledger
  readonly changes: ChangeMaker
  readonly time: StayTime
  /** Returns whether this process judges for several. */
  readonly isJudge: () => boolean
  /** Returns the rollout as this process counts it. */
  readonly countedOf: (current: StoredRollout) => StoredRollout
  /** Time since the last change that counts as time in the step, in milliseconds. */
  readonly passedMs: () => number
  readonly onDecided: (change: Change) => void
  /** Called with every write that runs in the background. */
  readonly onWriting: (written: Promise<void>) => void
}

/** Creates a decider. */
export function createDecider(options: DeciderOptions): Decider {
  const { ledger, changes, time, isJudge, countedOf, passedMs, onDecided, onWriting } = options

  const asOfNow = ({ event, ground }: Choice): Choice => ({ event: { ...event, sinceMs: passedMs() }, ground })
  const madeOf = (current: StoredRollout, choice: Choice): Made | undefined => changes.make(current, asOfNow(choice))

  /** Applies a change in this process immediately. Resolves when it is stored. */
  const act = (made: Made, { event, ground }: Choice): Promise<void> => {
    const written = ledger.force(made.next, (theirs) => {
      const retold = retell(event, made.next.state, theirs.state)
      if (retold === 'ours') return made.next
      return retold && changes.make(theirs, { event: retold, ground }, made.messages)?.next
    })
    onDecided(made)
    return written
  }

  const reduce: Decider['reduce'] = (choose) => {
    const { current } = ledger
    const chosen = choose(countedOf(current))
    // most changes are no reduction: they are made once, when they are written
    const reduces = (choice: Choice) => isReduction(current.state, changes.stateAfter(current, asOfNow(choice)))
    const made = chosen && reduces(chosen) && madeOf(current, chosen)
    if (!made) return undefined
    onWriting(act(made, chosen))
    return { ...made, chosen }
  }

  const restamped = (current: StoredRollout): ToWrite | undefined => {
    const next = changes.restamped(current)
    return next && { next }
  }

  return {
    reduce,
    async dispatch(choose, commitOptions) {
      const reduced = reduce(choose)
      if (reduced !== undefined) return reduced
      const decided = await ledger.commit((current) => {
        const moment = time.now()
        const chosen = choose(countedOf(current))
        const made = chosen && madeOf(current, chosen)
        return made && { ...made, chosen: chosen!, moment }
      }, commitOptions)
      if (decided === undefined) return undefined
      time.countFrom(decided.moment) // the duration of the write counts
      onDecided(decided)
      return decided
    },
    async force(event, ground) {
      const made = madeOf(ledger.current, { event, ground })
      if (made !== undefined) await act(made, { event, ground })
    },
    async writeOff() {
      if (restamped(ledger.current) !== undefined) await ledger.commit(restamped, { isJudged: isJudge() })
    },
    keepPasts: pastWriter(ledger, changes, isJudge),
  }
}

/** Returns the function that writes pasts on what is stored then; into a rollout under way only for all processes. */
function pastWriter(ledger: Ledger, changes: ChangeMaker, isOfAll: () => boolean): Decider['keepPasts'] {
  return async (toStore) => {
    const withPasts = (current: StoredRollout): ToWrite | undefined => {
      const isLeftOut = current.latest !== undefined || (isLive(current.state) && !isOfAll())
      const next = isLeftOut ? undefined : changes.withPasts(current, toStore(current.pasts))
      return next && { next }
    }
    await ledger.commit(withPasts, { isJudged: true })
  }
}
