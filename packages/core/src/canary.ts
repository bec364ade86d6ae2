import { type CanaryOptions, resolveCanary } from './canary-options.js'
import { CanaryError, isCanaryError } from './errors.js'
import { createEvents } from './events.js'
import { logEvents } from './log-events.js'
import { messageOf } from './message-of.js'
import { createRecorder } from './metrics/recorder.js'
import type { Summary } from './metrics/summary.js'
import { type VersionMetrics, versionMetricsOf } from './metrics/version-metrics.js'
import { numberWithin, refuseUnknown } from './options.js'
import { assembleController, type Controller } from './rollout/assemble-controller.js'
import { withDeadline } from './rollout/deadline.js'
import { createTripwire } from './rollout/tripwire.js'
import { createRouter, type Split } from './routing/router.js'
import type { RoutingRequest, Strategy } from './routing/strategy.js'
import { createAsk } from './serving/ask.js'
import { createFallbackBudget } from './serving/fallback.js'
import { createFlights, type Flight, type FlightRequest } from './serving/flight.js'
import { checkServing, type Models, SERVING_OPTIONS, type ServingOptions } from './serving/models.js'
import { createServe } from './serving/serve.js'
import { createWarmUps } from './serving/warm-up.js'
import { type WrapOptions, wrapModels } from './serving/wrap.js'
import { type Assignment, isOutcome, isVariant, type Observation, type Outcome, type Versions } from './vocabulary.js'

/** Which observations `metrics()` looks at. */
export type MetricsWindow = 'rollout' | 'step' | { readonly lastMs: number }

/** A canary in this process: it splits the traffic, watches both versions, and moves the weight. */
export interface Canary<Version extends string = string> extends Omit<Controller, 'evaluate' | 'run'> {
  /**
   * Wraps the two models into one function of exactly their type: an answer stays synchronous, and a stream a stream.
   * A promise with members of its own comes back as an ordinary one.
   */
  wrap<Input extends unknown[], Baseline, CanaryOutput>(
    models: Models<Input, Baseline, CanaryOutput>,
    options?: WrapOptions<Input, Awaited<Baseline> | Awaited<CanaryOutput>>,
  ): (...input: Input) => Baseline | CanaryOutput
  /** Runs one call that needs the flight itself, such as its `signal`. */
  run<Output>(
    request: RoutingRequest,
    call: (flight: Flight<Version>) => Output,
    options?: Omit<ServingOptions<[], Awaited<Output>>, 'fallback'>,
  ): Output
  /** Runs the flight's model and ends the flight with what came of it. */
  serve<Input extends unknown[], Baseline, CanaryOutput>(
    flight: Flight<Version>,
    models: Models<Input, Baseline, CanaryOutput>,
    options: ServingOptions<Input, Awaited<Baseline> | Awaited<CanaryOutput>>,
    ...input: Input
  ): Baseline | CanaryOutput
  /** Opens a flight: the primitive under all of these. End it once. */
  begin(request?: FlightRequest<Version>): Flight<Version>
  /** Asks who would serve, and counts nothing. Never throws. */
  assign(request?: RoutingRequest): Assignment<Version>
  /** Takes in a finished call that was measured elsewhere. Never throws. */
  record(call: Omit<Observation, 'at'>): void
  /** What each version did, by the version's name. @default window 'rollout' */
  metrics(options?: { readonly window?: MetricsWindow }): Readonly<Record<Version, VersionMetrics>>
  /** Counts a failure of something that was built on this canary. */
  report(error: CanaryError): void
}

/**
 * Makes a canary. Until `start()` every request goes to the baseline.
 *
 * @throws a `CanaryError` for every option that cannot be used
 * @example
 * const canary = createCanary({ name: 'sentiment', versions: { baseline: 'v1', canary: 'v2' } })
 * await canary.start()
 * const predict = canary.wrap({ baseline: modelV1, canary: modelV2 })
 */
export function createCanary<const Version extends string>(options: CanaryOptions<Version>): Canary<Version> {
  const { rollout, strategy, warmUp, tripwire, isTripwireAlwaysOn, target, logger } = resolveCanary(options)
  const { clock, guardrails } = rollout
  const versions = rollout.versions as Versions<Version>
  const events = createEvents(clock)
  const { report } = events
  if (logger) logEvents(rollout.name, events, logger)

  const router = createRouter<Version>({ versions, onInternalError: report })
  const { learn } = rollout.judge
  let past: unknown = null
  const recorder = createRecorder({
    metrics: guardrails.flatMap((guardrail) => (guardrail.kind === 'metric' ? [guardrail.metric] : [])),
    onInternalError: report,
    ...(learn && {
      windowMs: learn.windowMs,
      onWindow: (window: Summary) => {
        past = learn.observe(past, window, guardrails)
      },
    }),
  })
  const wire = tripwire && createTripwire(tripwire)
  const warmUps = createWarmUps(route)
  const ask = createAsk(report, 'OBSERVER_FAILED', 'nothing was recorded')
  let split: Split = { weight: 0, epoch: 0, step: 0, active: false }
  let unit: Strategy['unit'] = 'request'
  let isReady = false
  let closing: Promise<void> | undefined

  router.apply(split)
  Promise.resolve(strategy).catch(() => {}) // start() tells of it
  if (warmUp.run) {
    const { run, timeoutMs } = warmUp
    warmUps.add(() => withDeadline(clock, timeoutMs, (signal) => run(signal)))
  }

  /** A cold process serves no canary, whatever the rollout's weight. */
  function route(): void {
    router.apply({ ...split, active: split.active && isReady && warmUps.isWarm })
  }

  const countsOf = (epoch: number, step: number) => {
    const isOpen = recorder.window.epoch === epoch && recorder.window.step === step
    return isOpen ? recorder.read('step', clock.elapsed()) : 'no-data'
  }

  const controller = assembleController({
    rollout,
    target,
    events,
    source: {
      survivesRestart: false,
      read: async ({ epoch, step }) => {
        const counts = countsOf(epoch, step)
        return counts === 'no-data' ? counts : { ...counts, clusters: recorder.clusters() }
      },
      peek: ({ epoch, step }) => countsOf(epoch, step),
      calibrate: () => ({ baseline: recorder.before(), past, clusters: recorder.clusters(), unit }),
    },
    onSplit(next) {
      split = next
      if (next.step !== recorder.window.step || next.epoch !== recorder.window.epoch) {
        recorder.open(next, clock.elapsed())
        wire?.reset()
      }
      route()
      if (split.active && !warmUps.isWarm) void controller.warm() // also a promoted one, or one begun elsewhere
    },
    warmUp: () =>
      warmUps.run().catch((cause: unknown) => {
        if (isCanaryError(cause, 'WARM_UP_FAILED')) throw cause
        throw new CanaryError('WARM_UP_FAILED', messageOf(cause), { cause })
      }),
  })

  const watch = (
    { variant, reason, epoch }: Pick<Assignment, 'variant' | 'reason' | 'epoch'>,
    outcome: Outcome,
  ): void => {
    if (wire === null || reason !== 'split' || epoch !== split.epoch || !isOutcome(outcome)) return
    const why = wire.observe(variant, outcome)
    if (why === undefined || !(isTripwireAlwaysOn || controller.isBaking())) return
    wire.reset()
    controller.trip(why, epoch)
  }

  const budget = createFallbackBudget()
  const serve = createServe({ clock, budget, baselineVersion: versions.baseline, report })
  const flights = createFlights({
    router,
    recorder: { begin: (entry) => closing === undefined && recorder.begin(entry), end: recorder.end },
    clock,
    onEnd: watch,
  })
  let wasToldToStart = false // by start(), or by the alert that it is missing

  const begin = (request?: FlightRequest<Version>): Flight<Version> => {
    if (!wasToldToStart) {
      wasToldToStart = true
      events.alert('not-started', 'call start(): until then every request goes to the baseline')
    }
    return flights(request)
  }

  /** What came to be warmed while the last of it was being warmed still has to be. */
  const warmAgain = async (): Promise<void> => {
    await controller.warm()
    if (split.active && !warmUps.isWarm) await controller.warm()
  }

  const { trip: _trip, isBaking: _isBaking, evaluate: _evaluate, run: _run, warm: _warm, ...verbs } = controller

  return {
    ...verbs,
    async start(startOptions) {
      wasToldToStart = true
      const adopted = await adoptable(strategy)
      router.adopt(adopted)
      unit = adopted.unit
      isReady = true
      return controller.start(startOptions)
    },
    wrap: (models, wrapOptions = {}) => {
      const { wrapped, task } = wrapModels({ begin, serve, report, clock }, models, wrapOptions)
      if (task) {
        warmUps.add(task)
        if (isReady) void warmAgain()
      }
      return wrapped
    },
    run(request, call, runOptions = {}) {
      checkServing('run', runOptions, RUN_OPTIONS)
      const flight = begin(request)
      const model = () => call(flight)
      return serve(flight as Flight, { baseline: model, canary: model }, runOptions, [])
    },
    serve: (flight, models, servingOptions, ...input) => serve(flight as Flight, models, servingOptions, input),
    begin,
    assign: (request) => router.assign(request),
    record(call) {
      const said = closing === undefined && ask(() => ({ ...call, at: clock.elapsed() }))
      if (!said) return
      recorder.record(said)
      if (isVariant(said.variant)) watch({ variant: said.variant, reason: 'split', epoch: split.epoch }, said.outcome)
    },
    metrics(metricsOptions = {}) {
      const window = resolveWindow(metricsOptions)
      const { baseline, canary } = recorder.read(window, clock.elapsed())
      const metrics = Object.create(null) as Record<Version, VersionMetrics>
      metrics[versions.baseline] = versionMetricsOf(baseline)
      metrics[versions.canary] = versionMetricsOf(canary)
      return metrics
    },
    report,
    close() {
      closing ??= controller.close()
      return closing
    },
  }
}

/** `run` makes one call: there is no second one to fall back on. */
const RUN_OPTIONS = /* @__PURE__ */ SERVING_OPTIONS.filter((name) => name !== 'fallback')

function resolveWindow(options: { readonly window?: MetricsWindow }): MetricsWindow {
  refuseUnknown('metrics', options, ['window'])
  const { window = 'rollout' } = options
  if (window === 'rollout' || window === 'step') return window
  refuseUnknown('metrics: window', window, ['lastMs'])
  return { lastMs: numberWithin('metrics: lastMs', window.lastMs, 1, Number.MAX_VALUE) }
}

async function adoptable(strategy: Strategy | Promise<Strategy>): Promise<Strategy> {
  try {
    return await strategy
  } catch (cause) {
    throw new CanaryError('INVALID_STRATEGY', `its promise was rejected: ${messageOf(cause)}`, { cause })
  }
}
