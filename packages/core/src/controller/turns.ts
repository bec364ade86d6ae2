import { isLive } from '../rollout/state.js'
import { oneAtATime } from '../runtime/one-at-a-time.js'
import type { Beginning } from './beginning.js'
import type { ControllerParts } from './controller-parts.js'
import type { HeldRollout } from './held-rollout.js'
import type { Lifetime } from './lifetime.js'
import { createLook, type Look, type Looked } from './look.js'
import { createLoops, type Loops } from './loops.js'
import type { SourceNotes } from './source-notes.js'

/** The turns of a controller: each looks at what was counted, or warms the canary before there is anything to count. */
export interface Turns extends Loops, Pick<Look, 'counts'> {
  /** Makes a turn, or joins the one under way. Resolves once harm has acted here; see `Looked`. */
  turn(): Promise<Looked | undefined>
  /** The same with its failures told; the write is tracked. Never rejects. */
  turnAndWrite(): Promise<void>
}

/** What turns need. */
export interface TurnsOptions {
  readonly parts: ControllerParts
  readonly held: HeldRollout
  readonly lifetime: Lifetime
  readonly beginning: Beginning
  readonly notes: SourceNotes
  readonly warm: () => Promise<void>
}

/** Makes turns whose timers stand still until they are armed. */
export function createTurns({ parts, held, lifetime, beginning, notes, warm }: TurnsOptions): Turns {
  const { rollout, source, events } = parts
  const { clock, judge, intervalMs } = rollout
  const { dispatcher, gatekeeper, state, isInForce, onStoreFailure } = held
  const { report } = events
  const signal = lifetime.cutOff
  const { look, glance, counts } = createLook({
    rollout,
    source,
    dispatcher,
    report,
    isInForce,
    isGateOpen: gatekeeper.isOpen,
    signal,
  })

  const takeTurn = async (): Promise<Looked | undefined> => {
    await beginning.catchUp()
    const { status, weight } = state()
    if (!isLive(state())) return undefined
    if (status === 'warming' && weight === 0) return void (await warm())
    const looked = await look()
    notes.tell()
    return looked
  }
  const turn = oneAtATime(() => lifetime.tracked(takeTurn()))

  const turnAndWrite = async (): Promise<void> => {
    try {
      const looked = await turn()
      lifetime.track(looked?.written.catch(onStoreFailure))
    } catch (cause) {
      onStoreFailure(cause)
    }
  }

  const loops = createLoops({
    clock,
    intervalMs,
    turn: turnAndWrite,
    isTurnWanted: () => beginning.isWanted && (!beginning.hasBegun || isLive(state())),
    glanceMs: judge.watch?.everyMs ?? Number.POSITIVE_INFINITY,
    glance: () => glance().catch(onStoreFailure),
    isGlanceWanted: () => source.peek !== undefined && beginning.hasBegun && isLive(state()),
    reload: async () => {
      if (isLive(state()) && isInForce()) return // every look is written: a message that was missed is found so
      await dispatcher.load().catch(onStoreFailure)
    },
    isReloadWanted: () => beginning.hasBegun,
  })
  return { turn, turnAndWrite, counts, ...loops }
}
