import { assembleController } from '../controller/assemble-controller.js'
import { createProcessAlerts } from '../controller/process-alerts.js'
import { withoutHandles } from '../controller/without-handles.js'
import { CanaryError, isCanaryError } from '../foundation/errors.js'
import { messageOf } from '../foundation/message-of.js'
import { refuseUnknown } from '../foundation/options.js'
import { type Assignment, isOutcome, isVariant, type Outcome, type Versions } from '../foundation/vocabulary.js'
import { createBakeWatch } from '../recorder/bake-watch.js'
import { createRecorder } from '../recorder/recorder.js'
import { createTripwire } from '../recorder/tripwire.js'
import { noKeyMessage } from '../routing/key.js'
import { createRouter, type Split } from '../routing/router.js'
import { createShareWatch } from '../routing/share-watch.js'
import type { Strategy } from '../routing/strategy.js'
import { withDeadline } from '../runtime/deadline.js'
import { createEvents } from '../runtime/events.js'
import { createAsk } from '../runtime/guarded.js'
import { logEvents } from '../runtime/log-events.js'
import { assembleServing } from '../serving/assemble-serving.js'
import type { Flight, FlightRequest } from '../serving/flight.js'
import { createLoopMeter } from '../serving/loop-meter.js'
import type { ContextModels } from '../serving/model-context.js'
import { createModelErrorLog } from '../serving/model-errors.js'
import { checkServing, type Models, SERVING_OPTIONS } from '../serving/models.js'
import { createWarmUps } from '../serving/warm-up.js'
import { checkedModels, wrapModels } from '../serving/wrap.js'
import { type MetricsWindow, resolveWindow } from '../summaries/metrics-window.js'
import type { Summary } from '../summaries/summary.js'
import { type VersionMetrics, versionMetricsOf } from '../summaries/version-metrics.js'
import { adoptable } from './adoptable-strategy.js'
import type { Canary } from './canary.js'
import { type CanaryOptions, resolveCanary } from './canary-options.js'

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
  const { rollout, strategy, warmUp, tripwire, isTripwireAlwaysOn, target, observers, logger, maxFlightMs } =
    resolveCanary(options)
  const { clock, guardrails } = rollout
  const versions = rollout.versions as Versions<Version>
  const events = createEvents(clock)
  const { report } = events
  const alerts = createProcessAlerts({ events, clock, repeatMs: rollout.course.repeatMs })
  if (logger) logEvents(rollout.name, events, logger)

  const onNoKey = (value: unknown) => events.alert('key', noKeyMessage(value))
  const router = createRouter<Version>({ versions, onInternalError: report, onNoKey })
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
  const modelErrors = createModelErrorLog({
    clock,
    onError: (variant, error) =>
      events.emit('model-error', { at: error.lastAt, variant, version: versions[variant], ...error }),
  })
  const { answers, serve, ...serving } = assembleServing({
    ...{ clock, router, recorder, guardrails, observers, report, maxFlightMs, baselineVersion: versions.baseline },
    alert: (option, message) => alerts.note('outcome', message, option),
    noteError: modelErrors.note,
    onEnd: watch,
    onSweep: watchBaking,
  })
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
    alerts,
    loopMeter: createLoopMeter(),
    source: {
      survivesRestart: false,
      read: async ({ epoch, step }) => {
        const counts = countsOf(epoch, step)
        return counts === 'no-data' ? counts : { ...counts, clusters: recorder.clusters() }
      },
      peek: ({ epoch, step }) => countsOf(epoch, step),
      calibrate: () => ({ baseline: null, past, clusters: recorder.clusters(), unit, ...answers.known() }),
    },
    modelErrors: modelErrors.read,
    traffic: () => {
      const { baseline, canary } = recorder.read('step', clock.elapsed())
      return { requests: { baseline: baseline.begun, canary: canary.begun }, withoutKey: shareWatch.withoutKey }
    },
    onSplit(next) {
      split = next
      if (next.step !== recorder.window.step || next.epoch !== recorder.window.epoch) {
        const frozen = controller.calibration()
        const at = clock.elapsed()
        if (next.epoch !== recorder.window.epoch) answers.freeze(frozen.answers)
        if (next.weight === 100) bakeWatch?.open(recorder.read('rollout', at).baseline.answers, at, frozen.answered)
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

  function watch(
    { variant, reason, epoch }: Pick<Assignment, 'variant' | 'reason' | 'epoch'>,
    outcome: Outcome,
    isTrial = true,
  ): void {
    if (!isTrial || wire === null || reason !== 'split' || epoch !== split.epoch) return
    const why = wire.observe(variant, isOutcome(outcome) ? outcome : 'error')
    if (why === undefined || !(isTripwireAlwaysOn || controller.isBaking())) return
    wire.reset()
    controller.trip(why, epoch)
  }

  const shareWatch = createShareWatch()
  let wasToldToStart = false // by start(), or by the alert that it is missing

  const begin = (request?: FlightRequest<Version>): Flight<Version> => {
    if (!wasToldToStart) {
      wasToldToStart = true
      events.alert('not-started', 'call start(): until then every request goes to the baseline')
    }
    const flight = serving.begin(request)
    if (unit === 'key' && !ask(() => request?.like)) {
      const excess = shareWatch.see(flight.assignment, request)
      if (excess !== undefined) events.alert('share', excess)
    }
    return flight
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

  return {
    ...withoutHandles(controller),
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
    models: checkedModels,
    run(request, call, runOptions = {}) {
      checkServing('run', runOptions, RUN_OPTIONS)
      const flight = begin(request)
      const model = () => call(flight)
      return serve(flight as Flight, { baseline: model, canary: model }, runOptions, [], flight.startedAt)
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
      serving.close()
      closing ??= controller.close()
      return closing
    },
  }
}

/** `run` makes one call: there is no second one to fall back on. */
const RUN_OPTIONS = /* @__PURE__ */ SERVING_OPTIONS.filter((name) => name !== 'fallback')
