import type { Listener } from '../emitter.js'
import { CanaryError } from '../errors.js'
import type { CanaryEvents, Events } from '../events.js'
import { numberWithin, wholeNumber } from '../options.js'
import { type Analysis, analyze, type Reading } from './analyze.js'
import { createApplier } from './applier.js'
import type { ResolvedRollout } from './controller-options.js'
import { withDeadline } from './deadline.js'
import type { Effect, RolloutEvent } from './event.js'
import { createLedger } from './ledger.js'
import type { MetricsSource, Target } from './ports.js'
import { change, freshRollout, type Occasion, takeUp } from './record.js'
import { isLive, isTerminal } from './state.js'
import { explainStatus, type Status, statusOf } from './status.js'
import type { StoredRollout } from './store.js'
import { refuseVerb, resolveVerb, type Verb, type VerbExtras, type VerbOptions } from './verbs.js'

/** The operator's verbs. Each resolves to the new status, or rejects with nothing changed. */
export interface Verbs {
  pause(options?: VerbOptions & VerbExtras['pause']): Promise<Status>
  resume(options?: VerbOptions): Promise<Status>
  promote(options?: VerbOptions & VerbExtras['promote']): Promise<Status>
  rollback(options?: VerbOptions): Promise<Status>
  retry(options?: VerbOptions & VerbExtras['retry']): Promise<Status>
  enable(options?: VerbOptions): Promise<Status>
  disable(options?: VerbOptions): Promise<Status>
}

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

/** A split as the process itself is to route by it. */
export interface LocalSplit {
  readonly weight: number
  readonly epoch: number
  readonly step: number
  /** False while idle, rolled back or switched off. */
  readonly active: boolean
}

/** What a controller is made of. */
export interface ControllerParts {
  readonly rollout: ResolvedRollout
  readonly source: MetricsSource
  readonly target?: Target | undefined
  readonly events: Events
  /** Called with every split in force, synchronously. */
  readonly onSplit?: (split: LocalSplit) => void
  /** Warms this process's canary; a rejection rolls back. */
  readonly warmUp?: () => Promise<void>
}

/** A controller with the handle that only its owner has. */
export interface AssembledController extends Controller {
  /** Rolls back at once, here and now, whatever the samples. */
  trip(reason: string, epoch: number): void
}

/** How long `close()` waits for what is under way, in milliseconds. */
const FLUSH_MS = 2_000

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
  const underWay = new Set<Promise<unknown>>()
  const onTerminal = new Set<() => void>()
  const fresh = freshRollout(rollout)
  let mark = clock.elapsed()
  let revision = 0
  let starting: Promise<Status> | undefined
  let isLoaded = false
  let isArmed = false
  let isClosed = false
  let isWarming = false
  let keepAlive = false
  let cancelTimer = () => {}

  const ledger = createLedger({
    store,
    clock,
    fresh,
    timeoutMs: ioTimeoutMs,
    adopt: (stored) => takeUp(stored, fresh),
    onChange: changed,
    onFailure: (cause) => storeFailed(cause),
  })
  const applier =
    target &&
    createApplier({
      target,
      clock,
      timeoutMs: ioTimeoutMs,
      onFailure: (cause) => events.alert('target', `the target did not take the weight: ${messageOf(cause)}`),
    })

  const track = <Result>(task: Promise<Result>): Promise<Result> => {
    underWay.add(task)
    const forget = () => underWay.delete(task)
    task.then(forget, forget)
    return task
  }

  const storeFailed = (cause: unknown): void => {
    events.report(new CanaryError('STORE_FAILED', messageOf(cause), { cause }))
    events.alert('store', `the store failed: ${messageOf(cause)}`)
  }

  function changed(before: StoredRollout, after: StoredRollout): void {
    mark = clock.elapsed()
    bringOut(before, after)
    announce(before, after)
    if (isArmed && isLive(after.state) && !isLive(before.state)) arm()
    if (isTerminal(after.state)) for (const tell of onTerminal) tell()
  }

  /** Less canary: here first, then the target. More canary: the target first, then here. */
  function bringOut(before: StoredRollout, after: StoredRollout): void {
    const split = localSplit(after)
    const old = localSplit(before)
    if (
      split.weight === old.weight &&
      split.epoch === old.epoch &&
      split.step === old.step &&
      split.active === old.active
    )
      return
    const shown = split.active ? split.weight : 0
    const isLess = shown <= (old.active ? old.weight : 0)
    if (applier === undefined || isLess) onSplit?.(split)
    if (applier === undefined) return
    revision = Math.max(revision + 1, after.revision)
    void track(applier.apply({ weight: shown, epoch: split.epoch, revision })).then((isTaken) => {
      if (isTaken && !isLess) onSplit?.(split)
    })
  }

  function announce({ state: before }: StoredRollout, { state }: StoredRollout): void {
    const { epoch, weight, reason } = state
    if (weight !== before.weight || epoch !== before.epoch) {
      events.emit('step', { epoch, from: before.step, to: state.step, weight })
    }
    if (state.status === before.status) return
    if (state.status === 'promoted') events.emit('promoted', { epoch, reason: reason ?? '' })
    if (state.status === 'rolled-back') events.emit('rolled-back', { epoch, reason: reason ?? '' })
  }

  const changeOn = (current: StoredRollout, event: RolloutEvent, occasion: Omit<Occasion, 'at'>) =>
    change(current, event, { at: clock.now(), ...occasion }, { bench, historySize, calibrate })

  /** Decides on the newest state, writes, then runs what follows. */
  async function dispatch(
    decide: (current: StoredRollout, sinceMs: number) => readonly [RolloutEvent, Omit<Occasion, 'at'>] | undefined,
  ): Promise<void> {
    let made: ReturnType<typeof changeOn>
    let at = mark
    const isTaken = await ledger.commit((current) => {
      at = clock.elapsed()
      const decided = decide(current, at - mark)
      made = decided && changeOn(current, decided[0], decided[1])
      return made?.next
    })
    if (!isTaken || made === undefined) return
    mark = at
    for (const decision of made.decisions) events.emit('decision', decision)
    made.effects.forEach(run)
  }

  /** Is true here at once; the store follows. */
  function force(event: RolloutEvent, actor: string): Promise<void> {
    const made = changeOn(ledger.current, { ...event, sinceMs: clock.elapsed() - mark }, { actor })
    if (made === undefined) return Promise.resolve()
    const written = ledger.force(made.next)
    for (const decision of made.decisions) events.emit('decision', decision)
    made.effects.forEach(run)
    return track(written)
  }

  function run(effect: Effect): void {
    if (effect.type === 'alert') events.alert(effect.about, effect.message)
    if (effect.type === 'ask-gate') void track(askGate(effect.epoch, effect.step))
    if (effect.type === 'warm-up') void track(warm())
  }

  async function warm(): Promise<void> {
    if (isWarming) return
    isWarming = true
    try {
      await warmUp?.()
      await dispatch((_, sinceMs) => [{ type: 'warmed', sinceMs }, { actor: 'warm-up' }])
    } catch (cause) {
      if (!(cause instanceof CanaryError && cause.code === 'WARM_UP_FAILED')) return storeFailed(cause)
      events.alert('warm-up', cause.message)
      await force({ type: 'rollback', reason: cause.message }, 'warm-up')
    } finally {
      isWarming = false
    }
  }

  async function askGate(epoch: number, step: number): Promise<void> {
    const { gate, gateTimeoutMs = 30_000, weight } = course.steps[step - 1]!
    if (typeof gate !== 'function') return
    const answer = await withDeadline(clock, gateTimeoutMs, (signal) => gate({ epoch, step, weight, signal })).then(
      (open) => ({ open: open === true, reason: `the gate of step ${step} said no` }),
      (cause: unknown) => {
        events.report(new CanaryError('GATE_FAILED', `step ${step}: ${messageOf(cause)}`, { cause }))
        return { open: false, reason: `the gate of step ${step} failed: ${messageOf(cause)}` }
      },
    )
    await dispatch((_, sinceMs) => [{ type: 'gate', epoch, step, sinceMs, ...answer }, { actor: 'gate' }]).catch(
      storeFailed,
    )
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
    const { state } = ledger.current
    if (!isLive(state)) return
    if (state.status === 'warming' && state.weight === 0) return warm()
    const { epoch, step } = state
    const reading = await read(epoch, step)
    await dispatch((current, sinceMs) => {
      if (current.state.epoch !== epoch || current.state.step !== step) return undefined
      const analysis = judgeSafely(current, reading, sinceMs)
      const { verdict, requests } = analysis
      return [
        { type: 'analyzed', verdict, requests, sinceMs },
        { actor: 'judge', analysis },
      ]
    })
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
    const { state } = ledger.current
    if (state.status === 'warming' && state.weight === 0) await warm()
  }

  function arm(): void {
    cancelTimer()
    if (isClosed || (isLoaded && !isLive(ledger.current.state))) return
    const tick = () => void track(turn().catch(storeFailed).finally(arm))
    cancelTimer = clock.schedule(intervalMs, tick, { keepAlive })
  }

  async function begin(options: VerbOptions): Promise<Status> {
    const { actor, reason } = resolveVerb('start', options, [], course.steps.length)
    await load().catch((cause: unknown) => {
      if (cause instanceof CanaryError) throw cause
      storeFailed(cause)
    })
    if (isLoaded) await startIfIdle(actor, reason)
    isArmed = true
    arm()
    return status()
  }

  const startIfIdle = (actor: string, reason?: string): Promise<void> =>
    dispatch((current) =>
      current.state.status === 'idle'
        ? [{ type: 'start', ...(reason === undefined ? {} : { reason }) }, { actor }]
        : undefined,
    )

  const start = (options: VerbOptions = {}): Promise<Status> => {
    if (isClosed) return Promise.reject(closed('start'))
    starting ??= begin(options).catch((error: unknown) => {
      starting = undefined
      throw error
    })
    return starting.then(status)
  }

  async function verb<Name extends Verb>(
    name: Name,
    options: VerbOptions,
    event: RolloutEvent,
    extra: readonly string[] = [],
  ): Promise<Status> {
    const { actor, reason, expectedStep } = resolveVerb(name, options, extra, course.steps.length)
    if (isClosed) throw closed(name)
    refuseVerb(name, ledger.current.state, expectedStep)
    const said = reason === undefined ? event : { ...event, reason }
    if (name === 'rollback' || name === 'disable') {
      await withDeadline(clock, ioTimeoutMs, () => force(said, actor)).catch(() => {}) // true here already; the store is tried on
      return status()
    }
    await dispatch((current, sinceMs) => {
      refuseVerb(name, current.state, expectedStep)
      return [{ ...said, sinceMs }, { actor }]
    })
    return status()
  }

  const status = (): Status => {
    const { current } = ledger
    const isCounting = isLive(current.state) && current.state.enabled && current.state.status !== 'paused'
    return statusOf(current, course, judge.name, events.counts(), isCounting ? clock.elapsed() - mark : 0)
  }

  return {
    start,
    status,
    explain: () => explainStatus(status()),
    on: events.on,
    trip(reason, epoch) {
      void force({ type: 'tripped', epoch, reason }, 'tripwire')
    },
    pause({ untilMs, ...options } = {}) {
      const forMs =
        untilMs === undefined
          ? {}
          : { forMs: Math.max(0, numberWithin('pause: untilMs', untilMs, 0, Number.MAX_VALUE) - clock.now()) }
      return verb('pause', options, { type: 'pause', ...forMs })
    },
    resume: (options = {}) => verb('resume', options, { type: 'resume' }),
    promote: ({ full = false, ...options } = {}) => verb('promote', options, { type: 'promote', full }),
    rollback: (options = {}) => verb('rollback', options, { type: 'rollback' }),
    retry({ fromStep = 1, ...options } = {}) {
      wholeNumber('retry: fromStep', fromStep, 1, course.steps.length)
      return verb('retry', options, { type: 'retry', fromStep })
    },
    enable: (options = {}) => verb('enable', options, { type: 'enable' }),
    disable: (options = {}) => verb('disable', options, { type: 'disable' }),
    async run({ signal } = {}) {
      keepAlive = true
      await start()
      arm()
      if (!isTerminal(ledger.current.state) && !signal?.aborted) {
        await new Promise<void>((resolve) => {
          onTerminal.add(resolve)
          signal?.addEventListener('abort', () => resolve(), { once: true })
        })
      }
      keepAlive = false
      if (!isClosed) arm()
      return status()
    },
    async evaluate() {
      if (isClosed) throw closed('evaluate')
      const isFirst = !isLoaded
      await load()
      if (isFirst) mark -= Math.min(Math.max(0, clock.now() - ledger.current.savedAt), intervalMs)
      if (ledger.current.state.status === 'idle') await startIfIdle('cron')
      else await turn()
      await withDeadline(clock, ioTimeoutMs, () => Promise.allSettled(underWay)).catch(() => {})
      return status()
    },
    async close() {
      if (isClosed) return
      isClosed = true
      cancelTimer()
      for (const tell of onTerminal) tell()
      await withDeadline(clock, FLUSH_MS, () => Promise.allSettled(underWay)).catch(() => {})
      applier?.close()
      ledger.close()
    },
  }
}

const localSplit = ({ state: { weight, epoch, step, enabled, status } }: StoredRollout): LocalSplit => ({
  weight,
  epoch,
  step,
  active: enabled && status !== 'idle' && status !== 'rolled-back',
})

const closed = (verb: string): CanaryError =>
  new CanaryError('CLOSED', `${verb}: close() has been called; make a new one`)

const messageOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause)).slice(0, 300)
