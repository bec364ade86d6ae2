import { adoptable } from './adoptable-strategy.js'
import type { Canary } from './canary.js'
import { type CanaryOptions, resolveCanary } from './canary-options.js'
import { CanaryError, isCanaryError } from './errors.js'
import { createEvents } from './events.js'
import { logEvents } from './log-events.js'
import { messageOf } from './message-of.js'
import { createRecorder } from './metrics/recorder.js'
import type { Summary } from './metrics/summary.js'
import { type VersionMetrics, versionMetricsOf } from './metrics/version-metrics.js'
import { type MetricsWindow, resolveWindow } from './metrics-window.js'
import { refuseUnknown } from './options.js'
import { assembleController } from './rollout/assemble-controller.js'
import { createBakeWatch } from './rollout/bake-watch.js'
import { withDeadline } from './rollout/deadline.js'
import { createTripwire } from './rollout/tripwire.js'
import { createRouter, type Split } from './routing/router.js'
import type { Strategy } from './routing/strategy.js'
import { createAnswerLinesKeeper } from './serving/answer-lines-keeper.js'
import { createAsk } from './serving/ask.js'
import { createFallbackBudget } from './serving/fallback.js'
import { createFlights, type Flight, type FlightRequest } from './serving/flight.js'
import { tellAll } from './serving/flight-observer.js'
import type { ContextModels } from './serving/model-context.js'
import { checkServing, type Models, SERVING_OPTIONS } from './serving/models.js'
import { createServe } from './serving/serve.js'
import { createWarmUps } from './serving/warm-up.js'
import { wrapModels } from './serving/wrap.js'
import { type Assignment, isOutcome, isVariant, type Outcome, type Versions } from './vocabulary.js'

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
  const { rollout, strategy, warmUp, tripwire, isTripwireAlwaysOn, target, observers, logger } = resolveCanary(options)
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
  const answers = createAnswerLinesKeeper({ clock, recorder, guardrails, onSweep: watchBaking })
  const bakeWatch = createBakeWatch(guardrails)
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

  function watchBaking(at: number): void {
    if (bakeWatch === undefined || split.weight < 100 || !split.active || !controller.isBaking()) return
    const why = bakeWatch.observe(recorder.answers('canary'), at)
    if (why !== undefined) controller.trip(why, split.epoch)
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
      calibrate: () => ({ baseline: null, past, clusters: recorder.clusters(), unit, answers: answers.learned() }),
    },
    onSplit(next) {
      split = next
      if (next.step !== recorder.window.step || next.epoch !== recorder.window.epoch) {
        if (next.epoch !== recorder.window.epoch) answers.freeze(controller.calibration().answers)
        if (next.weight === 100)
          bakeWatch?.open(recorder.read('rollout', clock.elapsed()).baseline.answers, clock.elapsed())
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
    if (wire === null || reason !== 'split' || epoch !== split.epoch) return
    const why = wire.observe(variant, isOutcome(outcome) ? outcome : 'error')
    if (why === undefined || !(isTripwireAlwaysOn || controller.isBaking())) return
    wire.reset()
    controller.trip(why, epoch)
  }

  const budget = createFallbackBudget()
  const serve = createServe({ clock, budget, baselineVersion: versions.baseline, report })
  const flights = createFlights({
    router,
    recorder: {
      begin(entry) {
        if (closing !== undefined) return
        recorder.begin(entry)
        answers.awake()
      },
      answered: recorder.answered,
      end: recorder.end,
    },
    clock,
    onEnd: watch,
    observer: tellAll(observers, ask),
  })
  let wasToldToStart = false // by start(), or by the alert that it is missing

  const begin = (request?: FlightRequest<Version>): Flight<Version> => {
    if (!wasToldToStart) {
      wasToldToStart = true
      events.alert('not-started', 'call start(): until then every request goes to the baseline')
    }
    return flights(request)
  }

  const read = (verb: string, windowOptions: { readonly window?: MetricsWindow }) => {
    refuseUnknown(verb, windowOptions, ['window'])
    const { window = 'rollout' } = windowOptions
    return recorder.read(resolveWindow(verb, window), clock.elapsed())
  }

  /** What came to be warmed while the last of it was being warmed still has to be. */
  const warmAgain = async (): Promise<void> => {
    await controller.warm()
    if (split.active && !warmUps.isWarm) await controller.warm()
  }

  const {
    trip: _trip,
    isBaking: _isBaking,
    calibration: _calibration,
    evaluate: _evaluate,
    run: _run,
    warm: _warm,
    ...verbs
  } = controller

  return {
    ...verbs,
    async start(startOptions) {
      wasToldToStart = true
      const adopted = await adoptable(strategy, rollout)
      router.adopt(adopted)
      unit = adopted.unit
      isReady = true
      return controller.start(startOptions)
    },
    wrap: <Input extends unknown[], Baseline, Output>(
      models: Models<Input, Baseline, Output> | ContextModels<Input, Baseline, Output, Version>,
      wrapOptions: Parameters<typeof wrapModels<Version, Input, Baseline, Output>>[2] = {},
    ) => {
      const parts = { begin, serve, report, clock, canaryVersion: versions.canary }
      const { wrapped, task } = wrapModels(parts, models as Models<Input, Baseline, Output>, wrapOptions)
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
    track(assignment, metrics) {
      const said = closing === undefined && ask(() => ({ ...assignment }))
      if (said) recorder.track(metrics, said.variant, said, clock.elapsed())
    },
    metrics(metricsOptions = {}) {
      const { baseline, canary } = read('metrics', metricsOptions)
      const metrics = Object.create(null) as Record<Version, VersionMetrics>
      metrics[versions.baseline] = versionMetricsOf(baseline)
      metrics[versions.canary] = versionMetricsOf(canary)
      return metrics
    },
    counts: (countsOptions = {}) => read('counts', countsOptions),
    report,
    close() {
      answers.close()
      closing ??= controller.close()
      return closing
    },
  }
}

/** `run` makes one call: there is no second one to fall back on. */
const RUN_OPTIONS = /* @__PURE__ */ SERVING_OPTIONS.filter((name) => name !== 'fallback')
