import { isLive } from '../rollout/state.js'
import { oneAtATime } from '../runtime/one-at-a-time.js'
import type { Beginning } from './beginning.js'
import type { ControllerParts } from './controller-parts.js'
import type { HeldRollout } from './held-rollout.js'
import type { Lifetime } from './lifetime.js'
import type { LocalWatch } from './local-watch.js'
import { createLook, type Look, type Looked, type LookOptions } from './look.js'
import { createLoops, type Loops, type LoopsOptions } from './loops.js'
import { isInMemory } from './memory-store.js'
import type { SourceNotes } from './source-notes.js'
import type { WarmUpVoting } from './warm-up-voting.js'

const SHORTEST_RELOAD_MS = 1_000
const LONGEST_RELOAD_MS = 60_000

/** Returns how often to read a store that other processes write to, while this process writes nothing to it. */
const reloadMs = (intervalMs: number): number => Math.min(Math.max(intervalMs, SHORTEST_RELOAD_MS), LONGEST_RELOAD_MS)

/** The rounds of a controller: each reads and judges the counts, or warms the canary before it gets requests. */
export interface Rounds extends Loops, Pick<Look, 'counts'> {
  /** Makes a round, or joins the pending one. Resolves once a harmful verdict has taken effect here; see `Looked`. */
  round(): Promise<Looked | undefined>
  /** Makes a round, reports its failures and tracks its write. Never rejects. */
  roundAndWrite(): Promise<void>
}

/** The options of {@link createRounds}. */
export interface RoundsOptions {
  readonly parts: ControllerParts
  readonly held: HeldRollout
  readonly lifetime: Lifetime
  readonly beginning: Beginning
  readonly notes: SourceNotes
  readonly warm: () => Promise<void>
  /** Decides over the warm-ups of several processes; left out if this process decides alone. */
  readonly voting?: WarmUpVoting | undefined
  /** Judges the counts of this process alone; left out where the source counts for all processes. */
  readonly localWatch?: LocalWatch | undefined
  readonly onRead: LookOptions['onRead']
}

/** Creates rounds whose timers do nothing until they are armed. */
export function createRounds(options: RoundsOptions): Rounds {
  const { parts, held, lifetime, beginning, notes, warm, voting } = options
  const { rollout, source, events, withoutKey, turn } = parts
  const { clock, intervalMs } = rollout
  const { dispatcher, gatekeeper, state, isInForce, isJudge, isWatching, replica, onStoreFailure } = held
  const { report } = events
  const signal = lifetime.cutOff
  const { look, interimCheck, counts } = createLook({
    rollout,
    source,
    dispatcher,
    report,
    isInForce,
    isGateOpen: gatekeeper.isOpen,
    withoutKey,
    turn,
    onRead: options.onRead,
    signal,
  })

  const makeRound = async (): Promise<Looked | undefined> => {
    await beginning.catchUp()
    const { state: name, weight } = state()
    if (!isLive(state()) || !isWatching()) return undefined
    if (name === 'warming' && weight === 0) return void (await (voting ? voting.look() : warm()))
    lifetime.track(voting?.look())
    const looked = await look()
    replica?.looked(looked.hasCounts)
    notes.tell()
    return looked
  }
  const round = oneAtATime(() => lifetime.tracked(makeRound()))

  const roundAndWrite = async (): Promise<void> => {
    try {
      const looked = await round()
      lifetime.track(looked?.written.catch(onStoreFailure))
    } catch (cause) {
      onStoreFailure(cause)
    }
  }

  const mayWatch = (): boolean => isJudge() || (replica !== undefined && replica.source === undefined)
  const loops = createLoops({
    clock,
    intervalMs,
    round: roundAndWrite,
    isRoundWanted: () => beginning.isWanted && (!beginning.hasBegun || (isLive(state()) && mayWatch())),
    ...interimChecks(options, interimCheck),
    reloadMs: isInMemory(rollout.store) ? LONGEST_RELOAD_MS : reloadMs(intervalMs),
    reload: async () => {
      // every look writes, and so finds a missed change; while the store is down, a read finds that it is back
      if (isLive(state()) && isInForce() && isJudge() && held.storeWatch.downBy === null) return
      await dispatcher.load().then(held.output.catchUp, onStoreFailure)
      await held.takeover?.check().catch(onStoreFailure)
    },
    isReloadWanted: () => beginning.hasBegun,
  })
  return { round, roundAndWrite, counts, ...loops }
}

/** Returns the checks for harm between two looks: in this process, and in the sum of all if it judges. */
function interimChecks(
  { parts: { rollout, source }, held, lifetime, beginning, localWatch }: RoundsOptions,
  interimCheck: Look['interimCheck'],
): Pick<LoopsOptions, 'interimCheckMs' | 'interimCheck' | 'isInterimCheckWanted'> {
  const { replica, dispatcher, state, isWatching, onStoreFailure } = held
  const { judge, intervalMs } = rollout
  const interimCheckMs = judge.watch?.everyMs ?? Number.POSITIVE_INFINITY
  const isOfAllWanted = (): boolean => interimCheckMs < intervalMs && isWatching()

  const check = async (): Promise<void> => {
    localWatch?.check()
    if (!isOfAllWanted()) return
    await replica?.source?.refresh(dispatcher.window, lifetime.cutOff)
    await interimCheck()
  }
  return {
    interimCheckMs,
    interimCheck: () => check().catch(onStoreFailure),
    isInterimCheckWanted: () =>
      beginning.hasBegun &&
      isLive(state()) &&
      source.peek !== undefined &&
      (isOfAllWanted() || localWatch !== undefined),
  }
}
