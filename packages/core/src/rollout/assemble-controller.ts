import type { Clock } from '../clock.js'
import type { Listener } from '../emitter.js'
import { CanaryError, isCanaryError } from '../errors.js'
import type { CanaryEvents, Events } from '../events.js'
import { messageOf } from '../message-of.js'
import type { Split } from '../routing/router.js'
import { type Analysis, analyze, type Reading } from './analyze.js'
import { announce } from './announce.js'
import { askGate } from './ask-gate.js'
import type { ResolvedRollout } from './controller-options.js'
import { withDeadline } from './deadline.js'
import type { Effect, RolloutEvent } from './event.js'
import { createLedger } from './ledger.js'
import type { MetricsSource, Target } from './ports.js'
import { type Change, change, freshRollout, type Occasion, takeUp } from './record.js'
import { createSplitOutput } from './split-output.js'
import { isLive, isTerminal, phaseOf } from './state.js'
import { explainStatus, type Status, statusOf } from './status.js'
import type { StoredRollout } from './store.js'
import { createVerbs, refuseVerb, resolveVerb, type Verb, type VerbOptions, type Verbs } from './verbs.js'

/** A rollout under way, or one that can be started. */
export interface Controller extends Verbs {
  /** Takes up the stored rollout or begins a new one, and arms the timer. Does not keep the process alive. Idempotent. */
  start(options?: VerbOptions): Promise<Status>
  /** Starts, keeps the process alive, and resolves with the terminal status, or the present one when aborted. */
  run(options?: { readonly signal?: AbortSignal }): Promise<Status>
  /** Makes one turn (load, read, decide, persist): for a cron job. Counts at most `intervalMs` as passed since the turn of another process. */
  evaluate(): Promise<Status>
  status(): Status
  explain(): string
  on<Name extends keyof CanaryEvents>(name: Name, listener: Listener<CanaryEvents[Name]>): () => void
  /** Stops the timers and waits at most 2 s for what is under way. Idempotent. */
  close(): Promise<void>
}

/** What a controller is made of. */
export interface ControllerParts {
  readonly rollout: ResolvedRollout
  readonly source: MetricsSource
  readonly target?: Target | undefined
  readonly events: Events
  /** Called with every split in force, synchronously. */
  readonly onSplit?: (split: Split) => void
  /** Warms this process's canary; a rejection with `WARM_UP_FAILED` rolls back. */
  readonly warmUp?: () => Promise<void>
}

/** A controller with the handles that only its owner has. */
export interface AssembledController extends Controller {
  /** Rolls back at once, here and now, whatever the samples. */
  trip(reason: string, epoch: number): void
  /** Warms this process's canary, again if something came to be warmed. */
  warm(): Promise<void>
  isBaking(): boolean
}

/** How long `close()` waits for what is under way, in milliseconds. */
const FLUSH_MS = 2_000

/** What an event rests on, before it has a time. */
type Ground = Omit<Occasion, 'at'>

/** The shell around `transition`: reads the world, asks, and runs the answers. */
export function assembleController({
  rollout,
  source,
  target,
  events,
  onSplit,
  warmUp,
}: ControllerParts): AssembledController {
  const { course, clock, judge, guardrails, intervalMs, ioTimeoutMs, historySize, store } = rollout
  const bench = { judge, guardrails, course }
  const calibrate = () => ({ baseline: source.before?.() ?? null })
  const fresh = freshRollout(rollout)
  const { track, settled } = createTracker(clock)
  const output = createSplitOutput({ target, onSplit, clock, timeoutMs: ioTimeoutMs, events })
  const onTerminal = new Set<() => void>()
  let mark = clock.elapsed()
  let starting: Promise<unknown> | undefined
  let knowsCounts = source.survivesRestart !== false
  let isLoaded = false
  let isArmed = false
  let isClosed = false
  let isWarming = false
  let keepAlive = false
  let cancelTimer = () => {}

  const storeFailed = (cause: unknown): void => {
    events.report(isCanaryError(cause) ? cause : new CanaryError('STORE_FAILED', messageOf(cause), { cause }))
    events.alert('store', messageOf(cause))
  }
  const onChange = (before: StoredRollout, after: StoredRollout): void => {
    mark = clock.elapsed()
    void track(output.show(before, after))
    announce(events, before, after)
    if (isArmed && isLive(after.state) && !isLive(before.state)) arm()
    if (isTerminal(after.state)) for (const tell of onTerminal) tell()
  }
  const adopt = (stored: StoredRollout) => takeUp(stored, fresh)
  const ledger = createLedger({ store, clock, fresh, timeoutMs: ioTimeoutMs, adopt, onChange, onFailure: storeFailed })

  const changeOn = (current: StoredRollout, event: RolloutEvent, ground: Ground) =>
    change(current, event, { at: clock.now(), ...ground }, { bench, historySize, calibrate })

  const carryOut = ({ decisions, effects }: Change): void => {
    for (const decision of decisions) events.emit('decision', decision)
    effects.forEach(run)
  }

  /** Decides on the newest state, writes, then carries out what follows. */
  async function dispatch(
    decide: (current: StoredRollout, sinceMs: number) => readonly [RolloutEvent, Ground] | undefined,
  ): Promise<void> {
    let made: Change | undefined
    let at = mark
    const isTaken = await ledger.commit((current) => {
      at = clock.elapsed()
      const [event, ground] = decide(current, at - mark) ?? []
      made = event && ground && changeOn(current, { ...event, sinceMs: at - mark }, ground)
      return made?.next
    })
    if (!isTaken || made === undefined) return
    mark = at
    carryOut(made)
  }

  /** Is true here at once; the store follows. */
  async function force(event: RolloutEvent, actor: string): Promise<void> {
    const made = changeOn(ledger.current, { ...event, sinceMs: clock.elapsed() - mark }, { actor })
    if (made === undefined) return
    const written = ledger.force(made.next)
    carryOut(made)
    return track(written)
  }

  function run(effect: Effect): void {
    if (effect.type === 'alert') events.alert(effect.about, effect.message)
    if (effect.type === 'warm-up') void track(warm())
    if (effect.type === 'ask-gate') ask(effect.epoch, effect.step)
  }

  function ask(epoch: number, step: number): void {
    const asked = askGate(course, epoch, step, { clock, report: events.report })
    const answered = asked.then((answer) =>
      dispatch(() => [{ type: 'gate', epoch, step, ...answer }, { actor: 'gate' }]),
    )
    void track(answered.catch(storeFailed))
  }

  async function warm(): Promise<void> {
    if (isWarming) return
    isWarming = true
    try {
      await warmUp?.()
      await dispatch(() => [{ type: 'warmed' }, { actor: 'warm-up' }])
    } catch (cause) {
      if (!isCanaryError(cause, 'WARM_UP_FAILED')) return storeFailed(cause)
      events.alert('warm-up', cause.message)
      await force({ type: 'rollback', reason: cause.message }, 'warm-up')
    } finally {
      isWarming = false
    }
  }

  async function read(epoch: number, step: number): Promise<Reading> {
    try {
      return await withDeadline(clock, ioTimeoutMs, (signal) => source.read({ epoch, step }, signal))
    } catch (cause) {
      events.report(new CanaryError('SOURCE_FAILED', messageOf(cause), { cause }))
      return { failed: `the metrics source failed: ${messageOf(cause)}` }
    }
  }

  async function turn(): Promise<void> {
    if (!isLoaded) await load()
    const { status, weight, epoch, step } = ledger.current.state
    if (!isLive(ledger.current.state)) return
    if (status === 'warming' && weight === 0) return warm()
    const reading = await read(epoch, step)
    await dispatch((current, sinceMs) => {
      if (current.state.epoch !== epoch || current.state.step !== step) return undefined
      const known = knowsCounts ? current : { ...current, cumulative: null }
      const analysis = judgeSafely(known, reading, sinceMs)
      const { verdict, requests } = analysis
      return [
        { type: 'analyzed', verdict, requests },
        { actor: 'judge', analysis },
      ]
    })
    knowsCounts ||= reading !== 'no-data' && !('failed' in reading)
  }

  function judgeSafely(current: StoredRollout, reading: Reading, sinceMs: number): Analysis {
    try {
      return analyze(current, reading, sinceMs, bench)
    } catch (cause) {
      events.report(new CanaryError('JUDGE_FAILED', messageOf(cause), { cause }))
      return analyze(current, { failed: `the judge failed: ${messageOf(cause)}` }, sinceMs, bench)
    }
  }

  async function load(): Promise<void> {
    await ledger.load()
    isLoaded = true
  }

  function arm(): void {
    cancelTimer()
    if (isClosed || (isLoaded && !isLive(ledger.current.state))) return
    const tick = () => void track(turn().catch(storeFailed).finally(arm))
    cancelTimer = clock.schedule(intervalMs, tick, { keepAlive })
  }

  /** A store that is down does not stop a service from starting: the timer tries again. */
  async function begin(options: VerbOptions): Promise<void> {
    const { actor, reason } = resolveVerb('start', options, course.steps.length)
    await load().catch((cause: unknown) => {
      if (isCanaryError(cause)) throw cause
      storeFailed(cause)
    })
    if (isLoaded) await startIfIdle(actor, reason)
    if (isLive(ledger.current.state)) void track(warm())
    isArmed = true
    arm()
  }

  async function startIfIdle(actor: string, reason = 'started'): Promise<void> {
    await dispatch(({ state }) => (state.status === 'idle' ? [{ type: 'start', reason }, { actor }] : undefined))
  }

  async function start(options: VerbOptions = {}): Promise<Status> {
    if (isClosed) throw closed('start')
    starting ??= begin(options)
    await starting.catch((error: unknown) => {
      starting = undefined
      throw error
    })
    return status()
  }

  async function perform(verb: Verb, options: VerbOptions, event: RolloutEvent): Promise<Status> {
    const { actor, reason, expectedStep } = resolveVerb(verb, options, course.steps.length)
    if (isClosed) throw closed(verb)
    refuseVerb(verb, ledger.current.state, expectedStep)
    const said = reason === undefined ? event : { ...event, reason }
    if (verb === 'rollback' || verb === 'disable') {
      await withDeadline(clock, ioTimeoutMs, () => force(said, actor)).catch(() => {}) // it holds here; the store is tried on
      return status()
    }
    await dispatch(({ state }) => {
      refuseVerb(verb, state, expectedStep)
      return [said, { actor }]
    })
    return status()
  }

  function status(): Status {
    const { current } = ledger
    const isCounting = isLive(current.state) && current.state.enabled && current.state.status !== 'paused'
    return statusOf(current, course, judge.name, events.counts(), isCounting ? clock.elapsed() - mark : 0)
  }

  async function untilTerminal(signal: AbortSignal | undefined): Promise<void> {
    if (isTerminal(ledger.current.state) || signal?.aborted) return
    await new Promise<void>((resolve) => {
      onTerminal.add(resolve)
      signal?.addEventListener('abort', () => resolve(), { once: true })
    })
  }

  return {
    ...createVerbs(perform, course.steps.length, () => clock.now()),
    start,
    status,
    explain: () => explainStatus(status()),
    on: events.on,
    warm,
    isBaking: () => phaseOf(ledger.current.state) === 'bake',
    trip: (reason, epoch) => void force({ type: 'tripped', epoch, reason }, 'tripwire'),
    async run({ signal } = {}) {
      keepAlive = true
      await start()
      arm()
      await untilTerminal(signal)
      keepAlive = false
      arm()
      return status()
    },
    async evaluate() {
      if (isClosed) throw closed('evaluate')
      const isFirst = !isLoaded
      await load()
      if (isFirst) mark -= Math.min(Math.max(0, clock.now() - ledger.current.savedAt), intervalMs)
      await (ledger.current.state.status === 'idle' ? startIfIdle('evaluate') : turn())
      await settled(ioTimeoutMs)
      return status()
    },
    async close() {
      if (isClosed) return
      isClosed = true
      cancelTimer()
      for (const tell of onTerminal) tell()
      await settled(FLUSH_MS)
      output.close()
      ledger.close()
    },
  }
}

/** Remembers what is under way, so that an end can wait for it. */
function createTracker(clock: Clock) {
  const underWay = new Set<Promise<unknown>>()
  return {
    track<Result>(task: Promise<Result>): Promise<Result> {
      underWay.add(task)
      const forget = () => underWay.delete(task)
      task.then(forget, forget)
      return task
    },
    settled: (limitMs: number) =>
      withDeadline(clock, limitMs, async () => {
        while (underWay.size > 0) await Promise.allSettled(underWay)
      }).catch(() => {}),
  }
}

const closed = (verb: string): CanaryError =>
  new CanaryError('CLOSED', `${verb}: close() has been called; make a new one`)
