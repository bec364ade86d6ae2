import { noModelErrors } from '../foundation/vocabulary.js'
import { describeEnded } from '../rollout/describe.js'
import type { Effect } from '../rollout/event.js'
import { explainStatus } from '../rollout/explain-status.js'
import { newsOf } from '../rollout/news.js'
import type { Change } from '../rollout/record.js'
import { isLive, isTerminal, phaseOf } from '../rollout/state.js'
import type { Status } from '../rollout/status.js'
import type { StoredRollout } from '../rollout/store.js'
import { keptAlive } from '../runtime/keep-alive.js'
import { oneAtATime } from '../runtime/one-at-a-time.js'
import { createUnderWay } from '../runtime/under-way.js'
import { announce } from './announce.js'
import { createBeginning } from './beginning.js'
import type { AssembledController } from './controller-contract.js'
import type { ControllerParts } from './controller-parts.js'
import { createCouriers } from './couriers.js'
import { createDispatcher } from './dispatcher.js'
import { createEndWatch } from './end-watch.js'
import { createEvaluation } from './evaluation.js'
import { createGatekeeper, type GatePlace } from './gatekeeper.js'
import { createLook, type Looked } from './look.js'
import { createLoops } from './loops.js'
import { closedError, createPerform } from './perform.js'
import { createSettling, tellLeftBehind } from './settling.js'
import { createSourceNotes } from './source-notes.js'
import { createSplitOutput } from './split-output.js'
import { statusNow } from './status-now.js'
import { createStoreWatch } from './store-watch.js'
import { createUntilTerminal } from './until-terminal.js'
import { createVerbs, refuseVerb, resolveVerb, type VerbOptions } from './verbs.js'
import { createWarming } from './warming.js'

/** How long `close()` waits for what is under way, in milliseconds. */
const FLUSH_MS = 2_000

/** The shell around `transition`: reads the world, asks, and runs the answers. */
export function assembleController(parts: ControllerParts): AssembledController {
  const { rollout, source, target, events, alerts, onSplit, warmUp, modelErrors = () => noModelErrors } = parts
  const { course, clock, judge, intervalMs, ioTimeoutMs, settleTimeoutMs } = rollout
  const { report } = events
  const steps = course.steps.length
  const { track, tracked, settled } = createUnderWay(clock)
  const cutOff = new AbortController()
  const terminal = createUntilTerminal(() => isTerminal(stateNow()) || isClosed())
  let starting: Promise<void> | undefined
  let closing: Promise<void> | undefined

  const isClosed = (): boolean => closing !== undefined
  const stateNow = () => dispatcher.current.state
  const isInForce = () => !output.isUnderWay && output.drift === null

  const storeWatch = createStoreWatch({ events, alerts })
  const onStoreFailure = (cause: unknown): void => {
    if (!cutOff.signal.aborted) storeWatch.failed(cause)
  }
  const output = createSplitOutput({
    target,
    onSplit,
    clock,
    timeoutMs: ioTimeoutMs,
    ...{ events, alerts },
    hasHeard: () => dispatcher.hasHeard,
    onLate() {
      gatekeeper.withdraw()
      dispatcher.reopen()
    },
    onTask: track,
  })
  const settle = createSettling({ output, clock, limitMs: settleTimeoutMs, status })
  const endWatch = createEndWatch({ output, clock, lastsMs: rollout.watchAfterEndMs })
  const gatekeeper = createGatekeeper({ course, clock, validMs: rollout.gateValidMs, report })
  const couriers = createCouriers({
    clock,
    events,
    current: () => dispatcher.current,
    isWriting: () => isLive(stateNow()) && output.drift === null && output.refusal === null,
    writeOff: () => tracked(dispatcher.writeOff().catch(onStoreFailure)),
  })
  const dispatcher = createDispatcher({
    rollout,
    couriers,
    calibrate: () => source.calibrate?.() ?? { baseline: null },
    isInForce,
    ...{ onChange, onDecided, onWriting: track, onStoreFailure, onStoreAnswer: storeWatch.answered },
    onOverruled: (message) => events.alert('store', message),
    onRetold: () => output.again(),
    onLost: (message) => events.alert('store', message),
  })
  const notes = createSourceNotes(source, alerts)
  const surroundings = { isInForce, isGateOpen: gatekeeper.isOpen, signal: cutOff.signal }
  const { look, glance } = createLook({ rollout, source, dispatcher, report, ...surroundings })
  const warm = oneAtATime(createWarming({ warmUp, dispatcher, events, onStoreFailure }))
  const onBegun = () => track(warm())
  const beginning = createBeginning({ dispatcher, steps, onBegun, onStoreFailure })
  const turn = oneAtATime(() => tracked(takeTurn()))
  const loops = createLoops({
    clock,
    intervalMs,
    turn: turnAndWrite,
    isTurnWanted: () => beginning.isWanted && (!beginning.hasBegun || isLive(stateNow())),
    glanceMs: judge.watch?.everyMs ?? Number.POSITIVE_INFINITY,
    glance: () => glance().catch(onStoreFailure),
    isGlanceWanted: () => source.peek !== undefined && beginning.hasBegun && isLive(stateNow()),
    reload: async () => {
      if (isLive(stateNow()) && isInForce()) return // every look is written: a message that was missed is found so
      await dispatcher.load().catch(onStoreFailure)
    },
    isReloadWanted: () => beginning.hasBegun,
  })
  const evaluation = createEvaluation({ rollout, dispatcher, beginning, turn, settled, settle })
  const perform = createPerform({
    dispatcher,
    clock,
    steps,
    timeoutMs: ioTimeoutMs,
    target,
    isClosed,
    cutOff: cutOff.signal,
    status,
    settle,
  })

  function onChange(before: StoredRollout, after: StoredRollout): void {
    parts.loopMeter?.turn(isLive(after.state) && !isClosed())
    track(output.show(before, after))
    endWatch.moveTo(after.state)
    const news = newsOf(before.state, after.state, modelErrors().canary)
    announce(events, news)
    couriers.tell(news, before, after)
    if (isLive(after.state)) gatekeeper.moveTo(after.state)
    else gatekeeper.withdraw()
    if (!isLive(after.state)) notes.end()
    if (isTerminal(after.state)) terminal.tell()
    if (isLive(after.state) === isLive(before.state)) return
    loops.arm()
    if (beginning.hasBegun && isLive(after.state)) track(warm()) // whoever began this life, every process warms its own canary
  }

  function onDecided({ decisions, effects }: Change): void {
    for (const decision of decisions) events.emit('decision', decision)
    effects.forEach(run)
  }

  function run(effect: Effect): void {
    if (effect.type === 'alert') events.alert(effect.about, effect.message)
    if (effect.type === 'warm-up') track(warm())
    if (effect.type === 'ask-gate') track(askGate(effect).catch(onStoreFailure))
  }

  async function askGate(place: GatePlace): Promise<void> {
    const answer = await gatekeeper.ask(place)
    if (answer === undefined) return
    await dispatcher.dispatch(() => ({ event: { type: 'gate', ...answer }, ground: { actor: 'gate' } }))
    if (gatekeeper.isOpen(place) && !isClosed()) await turnAndWrite() // a yes belongs to the moment
  }

  async function turnAndWrite(): Promise<void> {
    try {
      const looked = await turn()
      track(looked?.written.catch(onStoreFailure))
    } catch (cause) {
      onStoreFailure(cause)
    }
  }

  async function takeTurn(): Promise<Looked | undefined> {
    await beginning.catchUp()
    const { status, weight } = stateNow()
    if (!isLive(stateNow())) return undefined
    if (status !== 'warming' || weight > 0) {
      const looked = await look()
      notes.tell()
      return looked
    }
    await warm()
    return undefined
  }

  async function start(options: VerbOptions = {}): Promise<Status> {
    const { expectedStep } = resolveVerb('start', options, steps)
    if (isClosed()) throw closedError('start')
    starting ??= tracked(beginning.start(options))
    await starting.catch((error: unknown) => {
      starting = undefined
      throw error
    })
    loops.arm()
    refuseVerb('start', stateNow(), expectedStep)
    const ended = describeEnded(dispatcher.current)
    if (ended !== undefined) events.alert('not-started', ended)
    return status()
  }

  function status(): Status {
    return statusNow({ parts, dispatcher, output, storeDownBy: storeWatch.downBy, notes: notes.messages() })
  }

  async function finish(): Promise<void> {
    loops.stop()
    parts.loopMeter?.turn(false)
    terminal.tell()
    track(couriers.settled(FLUSH_MS))
    await settled(FLUSH_MS)
    if (target) await tellLeftBehind(dispatcher.current, { output, events, couriers })
    alerts.close()
    cutOff.abort()
    gatekeeper.withdraw()
    endWatch.close()
    output.close()
    dispatcher.close()
  }

  return {
    ...createVerbs(
      (...verb) => tracked(perform(...verb)),
      steps,
      () => clock.now(),
    ),
    start,
    status,
    explain: (told = status()) => explainStatus(told, dispatcher.window.openedAt),
    on: events.on,
    deliverTo: couriers.join,
    warm,
    isBaking: () => phaseOf(stateNow()) === 'bake',
    calibration: () => dispatcher.current.calibration,
    trip(reason, epoch) {
      if (!isClosed()) track(dispatcher.force({ type: 'tripped', epoch, reason }, { actor: 'tripwire' }))
    },
    run: ({ signal } = {}) =>
      keptAlive(clock, async () => {
        await start()
        await terminal.until(signal)
        if (isTerminal(stateNow())) {
          await settle(signal) // nothing ends before the final weight is in force
          if (!signal?.aborted) await settled(settleTimeoutMs) // and the store has heard of it, if it answers
        }
        return status()
      }),
    async evaluate() {
      if (isClosed()) throw closedError('evaluate')
      await keptAlive(clock, evaluation)
      return status()
    },
    close: () => (closing ??= finish()),
  }
}
