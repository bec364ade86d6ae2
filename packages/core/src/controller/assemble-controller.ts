import { isTerminal, phaseOf } from '../rollout/state.js'
import { oneAtATime } from '../runtime/one-at-a-time.js'
import { uniqueId } from '../runtime/unique-id.js'
import { createBeginning } from './beginning.js'
import type { AssembledController } from './controller-contract.js'
import type { ControllerParts } from './controller-parts.js'
import { createEndWatch } from './end-watch.js'
import { createFleetReader } from './fleet-reader.js'
import { type HeldRollout, holdRollout } from './held-rollout.js'
import { createLifecycle } from './lifecycle.js'
import { createLifetime, type Lifetime } from './lifetime.js'
import { createLocalWatch, LEVEL_OF_ALL, type LocalWatch, withLevel } from './local-watch.js'
import { isInMemory } from './memory-store.js'
import { createPastKeeping, type PastKeeping } from './past-keeping.js'
import { createPerform, type PerformOptions } from './perform.js'
import { createPointKeeping, type PointKeeping } from './point-keeping.js'
import { createReach } from './reach.js'
import { createReactions } from './reactions.js'
import { createRolloutReport } from './rollout-report.js'
import { createRounds, type Rounds, type RoundsOptions } from './rounds.js'
import { createSettling } from './settling.js'
import { createSourceNotes } from './source-notes.js'
import { createStartNotices } from './start-notices.js'
import { createUntilTerminal } from './until-terminal.js'
import { createVerbs, type Verbs } from './verbs.js'
import { createWarmUpVoting, type WarmUpVoting } from './warm-up-voting.js'
import { createWarming } from './warming.js'

/** The shell around `transition`: reads the world, asks, and runs the answers. */
export function assembleController(given: ControllerParts): AssembledController {
  const { rollout, target, alerts } = given
  const { course, clock, settleTimeoutMs } = rollout
  const steps = course.steps.length
  const lifetime = createLifetime(clock)
  const { track, tracked, cutOff } = lifetime
  const isClosed = (): boolean => lifetime.isClosed

  const held = holdRollout({ ...given, onSplit: (split) => points.show(split) }, lifetime)
  const { parts, localWatch } = sharedParts(given, held)
  const { source } = parts
  const { dispatcher, output, couriers, storeWatch, state, isInForce, onStoreFailure } = held
  const notes = createSourceNotes(source, alerts)
  const notices = createStartNotices({ ...parts, ...rollout })

  const voting = votingOf(given, held)
  const warm = warmingOf(given, held, voting)
  const beginning = createBeginning({
    ...{ dispatcher, steps, alerts, onNewRelease: rollout.onNewRelease },
    join: () => track(held.replica?.start()),
    onBegun: () => track(warm()),
    onStoreFailure,
  })
  const points = createPointKeeping({ parts, held, lifetime, beginning })
  const told = { notes, warm, voting, localWatch, onRead: points.read }
  const rounds = createRounds({ parts, held, lifetime, beginning, ...told })
  const pasts = createPastKeeping({ parts, held, lifetime, beginning })
  const members = () => held.replica?.counted() ?? null
  const instance = held.replica?.id ?? uniqueId()
  const shown = { instance, members, counts: rounds.counts, notes, isClosed }
  const report = createRolloutReport({ parts, dispatcher, output, storeWatch, ...shown })
  const { status } = report
  const refuse = held.ownConfig?.refuse
  const settle = createSettling({ output, clock, limitMs: settleTimeoutMs, status })
  const endWatch = createEndWatch({ output, clock, lastsMs: rollout.watchAfterEndMs })
  const terminal = createUntilTerminal(() => isTerminal(state()) || isClosed())
  const shell = {
    ...{ parts, held, lifetime, beginning, rounds, notes, pasts, points },
    ...{ endWatch, terminal, warm, status, settle, notices },
  }
  dispatcher.connect({ isInForce, couriers, onRetold: output.again, ...createReactions(shell) })

  held.onLeads((isLeader) => {
    if (isLeader && !isClosed()) track(takeOver(held, { rounds, voting, pasts, points }))
  })

  return {
    ...verbsOf(parts, { dispatcher, steps, target, refuse, isClosed, cutOff, status, settle }, tracked),
    ...createLifecycle(shell),
    ...report,
    ...{ warm, points: points.points, ...fleetOf(parts, held, lifetime) },
    on: notices.on,
    deliverTo: notices.delivering(couriers.join),
    isBaking: () => phaseOf(state()) === 'bake',
    calibration: () => dispatcher.current.calibration,
    trip(reason, epoch) {
      if (!isClosed()) track(dispatcher.force({ type: 'tripped', epoch, reason }, { actor: 'tripwire' }))
    },
  }
}

/** Returns the vote on the warm-ups; `undefined` where no other process warms a canary. */
function votingOf({ replica: counts }: ControllerParts, held: HeldRollout): WarmUpVoting | undefined {
  const { replica, dispatcher, isJudge, onStoreFailure } = held
  return replica && counts && createWarmUpVoting({ replica, dispatcher, isJudge, onStoreFailure })
}

/** Returns the function that warms this process's canary, one run at a time. */
function warmingOf({ warmUp, events }: ControllerParts, held: HeldRollout, voting: WarmUpVoting | undefined) {
  const { dispatcher, ownConfig, onStoreFailure } = held
  const mayJudge = () => ownConfig?.isOther !== true
  return oneAtATime(createWarming({ warmUp, dispatcher, voting, mayJudge, events, onStoreFailure }))
}

/** Begins to judge: reads what the process before has stored, and delivers the news that it has not. */
async function takeOver(
  held: HeldRollout,
  {
    rounds,
    voting,
    pasts,
    points,
  }: Pick<RoundsOptions, 'voting'> & {
    readonly rounds: Rounds
    readonly pasts: PastKeeping
    readonly points: PointKeeping
  },
): Promise<void> {
  const { dispatcher, couriers, output, takeover, onStoreFailure } = held
  try {
    await dispatcher.load(true)
    output.catchUp() // after that: what the former leader decided may have been undone
    pasts.takeOver()
    points.takeOver()
    await takeover?.check()
    couriers.tell([], dispatcher.current, dispatcher.current)
    rounds.arm()
    await voting?.told()
  } catch (cause) {
    onStoreFailure(cause)
  }
}

/** Returns what is asked of all processes together. */
function fleetOf({ rollout }: ControllerParts, held: HeldRollout, { cutOff: signal }: Lifetime) {
  const { replica, dispatcher } = held
  const { store, clock } = rollout
  return {
    reached: createReach({ replica, dispatcher, clock, signal, isAlone: isInMemory(store) }),
    fleetCounts: createFleetReader({ rollout, replica, dispatcher, signal }),
  }
}

/** Returns the verbs of an operator. */
function verbsOf(
  { rollout: { clock, ioTimeoutMs } }: ControllerParts,
  options: Omit<PerformOptions, 'clock' | 'timeoutMs'>,
  tracked: Lifetime['tracked'],
): Verbs {
  const perform = createPerform({ ...options, clock, timeoutMs: ioTimeoutMs })
  return createVerbs(
    (...verb) => tracked(perform(...verb)),
    options.steps,
    () => clock.now(),
  )
}

/** Returns the parts with which the sum of all processes is judged, and the watch of this process alone. */
function sharedParts(
  given: ControllerParts,
  { replica, dispatcher }: HeldRollout,
): { readonly parts: ControllerParts; readonly localWatch?: LocalWatch } {
  const { rollout, source, events } = given
  const all = replica?.source
  if (all === undefined) return { parts: given }
  const { judge, guardrails, course } = rollout
  const judgeOfAll = withLevel(judge, LEVEL_OF_ALL)
  const parts = { ...given, source: all, rollout: { ...rollout, judge: judgeOfAll } }
  if (judge.watch === undefined) return { parts } // such a judge finds harm only at looks
  const localWatch = createLocalWatch({
    bench: { judge, guardrails, course },
    ...{ source, dispatcher, report: events.report },
    lives: () => replica?.lives,
  })
  return { parts, localWatch }
}
