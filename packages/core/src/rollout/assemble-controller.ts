import type { Events } from '../events.js'
import type { Split } from '../routing/router.js'
import { announce } from './announce.js'
import { createBeginning } from './beginning.js'
import type { AssembledController } from './controller-contract.js'
import type { ResolvedRollout } from './controller-options.js'
import { createDispatcher } from './dispatcher.js'
import type { Effect } from './event.js'
import { createGatekeeper, type GatePlace, longestGateMs } from './gatekeeper.js'
import { createLook } from './look.js'
import { oneAtATime } from './one-at-a-time.js'
import { closedError, createPerform } from './perform.js'
import type { MetricsSource, Target } from './ports.js'
import type { Change } from './record.js'
import { createSplitOutput } from './split-output.js'
import { elapse, isLive, isTerminal, phaseOf } from './state.js'
import { explainStatus, type Status, statusOf, type Traffic } from './status.js'
import type { StoredRollout } from './store.js'
import { createStoreWatch, storeError } from './store-watch.js'
import { createTimerLoop } from './timer-loop.js'
import { createUnderWay } from './under-way.js'
import { createVerbs, refuseVerb, resolveVerb, type VerbOptions } from './verbs.js'
import { createWarming } from './warming.js'

/** What a controller is made of. */
export interface ControllerParts {
  readonly rollout: ResolvedRollout
  readonly source: MetricsSource
  readonly target?: Target | undefined
  readonly events: Events
  /** The requests of this step up to now; where that is not known, those of the last look are taken. */
  readonly traffic?: () => Traffic
  /** Called with every split in force, synchronously. */
  readonly onSplit?: (split: Split) => void
  /** Warms this process's canary; a rejection with `WARM_UP_FAILED` rolls back. */
  readonly warmUp?: () => Promise<void>
}

/** How long `close()` waits for what is under way, in milliseconds. */
const FLUSH_MS = 2_000

/** The shell around `transition`: reads the world, asks, and runs the answers. */
export function assembleController(parts: ControllerParts): AssembledController {
  const { rollout, source, target, events, onSplit, warmUp } = parts
  const { course, clock, judge, intervalMs, ioTimeoutMs } = rollout
  const { report } = events
  const steps = course.steps.length
  const { track, settled } = createUnderWay(clock)
  const cutOff = new AbortController()
  const onTerminal = new Set<() => void>()
  let starting: Promise<void> | undefined
  let closing: Promise<void> | undefined

  const isClosed = (): boolean => closing !== undefined
  const stateNow = () => dispatcher.current.state
  const isInForce = () => !output.isUnderWay && output.drift === null

  const storeWatch = createStoreWatch(events)
  const onStoreFailure = (cause: unknown): void => {
    if (!cutOff.signal.aborted) storeWatch.failed(cause)
  }
  const output = createSplitOutput({
    target,
    onSplit,
    clock,
    timeoutMs: ioTimeoutMs,
    events,
    onLate: () => dispatcher.reopen(),
  })
  const gatekeeper = createGatekeeper({ course, clock, report })
  const dispatcher = createDispatcher({
    rollout,
    calibrate: () => source.calibrate?.() ?? { baseline: null },
    isInForce,
    onChange,
    onDecided,
    onStoreFailure,
    onStoreAnswer: storeWatch.answered,
  })
  const { look, glance } = createLook({ rollout, source, dispatcher, report, isInForce, signal: cutOff.signal })
  const warm = oneAtATime(createWarming({ warmUp, dispatcher, events, onStoreFailure }))
  const onBegun = () => track(warm())
  const beginning = createBeginning({ dispatcher, steps, onBegun, onStoreFailure })
  const turn = oneAtATime(() => tracked(takeTurn()))
  const loop = createTimerLoop({
    clock,
    intervalMs,
    turn: () => turn().catch(onStoreFailure),
    isWanted: () => beginning.isWanted && (!beginning.hasBegun || isLive(stateNow())),
  })
  const watchMs = judge.watch?.everyMs ?? Number.POSITIVE_INFINITY
  const glances = createTimerLoop({
    clock,
    intervalMs: watchMs,
    turn: () => glance().catch(onStoreFailure),
    isWanted: () => source.peek !== undefined && watchMs < intervalMs && beginning.hasBegun && isLive(stateNow()),
  })
  const perform = createPerform({
    dispatcher,
    clock,
    steps,
    timeoutMs: ioTimeoutMs,
    isClosed,
    cutOff: cutOff.signal,
    status,
  })

  function tracked<Result>(task: Promise<Result>): Promise<Result> {
    track(task)
    return task
  }

  function onChange(before: StoredRollout, after: StoredRollout): void {
    track(output.show(before, after))
    output.follow(isLive(after.state))
    announce(events, before, after)
    if (isLive(after.state)) gatekeeper.moveTo(after.state)
    else gatekeeper.withdraw()
    if (isTerminal(after.state)) for (const tell of onTerminal) tell()
    if (isLive(after.state) === isLive(before.state)) return
    arm()
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
    if (answer) await dispatcher.dispatch(() => [{ type: 'gate', ...answer }, { actor: 'gate' }])
  }

  async function takeTurn(): Promise<void> {
    await beginning.catchUp()
    const { status, weight } = stateNow()
    if (isLive(stateNow())) await (status === 'warming' && weight === 0 ? warm() : look())
  }

  async function start(options: VerbOptions = {}): Promise<Status> {
    const { expectedStep } = resolveVerb('start', options, steps)
    if (isClosed()) throw closedError('start')
    starting ??= tracked(beginning.start(options))
    await starting.catch((error: unknown) => {
      starting = undefined
      throw error
    })
    arm()
    refuseVerb('start', stateNow(), expectedStep)
    return status()
  }

  function status(): Status {
    const { current } = dispatcher
    const passedMs = isInForce() ? dispatcher.sinceMs() : 0
    const sinceMs = elapse(current.state, passedMs).elapsedMs - current.state.elapsedMs
    return statusOf(
      current,
      course,
      { judge: judge.name, internalErrors: events.counts(), drift: output.drift, traffic: parts.traffic?.() },
      sinceMs,
    )
  }

  async function untilTerminal(signal: AbortSignal | undefined): Promise<void> {
    if (isTerminal(stateNow()) || isClosed() || signal?.aborted) return
    await new Promise<void>((resolve) => {
      onTerminal.add(resolve)
      signal?.addEventListener('abort', () => resolve(), { once: true })
    })
  }

  function arm(): void {
    loop.arm()
    glances.arm()
  }

  async function finish(): Promise<void> {
    loop.stop()
    glances.stop()
    for (const tell of onTerminal) tell()
    await settled(FLUSH_MS)
    cutOff.abort()
    gatekeeper.withdraw()
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
    explain: () => explainStatus(status()),
    on: events.on,
    warm,
    isBaking: () => phaseOf(stateNow()) === 'bake',
    trip(reason, epoch) {
      if (!isClosed()) track(dispatcher.force({ type: 'tripped', epoch, reason }, 'tripwire'))
    },
    async run({ signal } = {}) {
      loop.keepAlive(true)
      try {
        await start()
        await untilTerminal(signal)
        if (isTerminal(stateNow())) await settled(ioTimeoutMs) // the target hears of it before the process may end
        return status()
      } finally {
        loop.keepAlive(false)
      }
    },
    async evaluate() {
      if (isClosed()) throw closedError('evaluate')
      try {
        await dispatcher.load(intervalMs)
        await settled(ioTimeoutMs) // the target first: a look under another weight would not count
        await (stateNow().status === 'idle' ? beginning.startIfIdle('evaluate') : turn())
      } catch (cause) {
        throw storeError(cause)
      }
      await settled(Math.max(ioTimeoutMs, longestGateMs(course)))
      return status()
    },
    close() {
      closing ??= finish()
      return closing
    },
  }
}
