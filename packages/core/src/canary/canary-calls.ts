import { CanaryError } from '../foundation/errors.js'
import { isVariant } from '../foundation/vocabulary.js'
import type { Clock } from '../runtime/clock.js'
import type { Events } from '../runtime/events.js'
import type { Flight } from '../serving/flight.js'
import type { ContextModels } from '../serving/model-context.js'
import { checkServing, type Models, SERVING_OPTIONS } from '../serving/models.js'
import { checkedModels, wrapModels } from '../serving/wrap.js'
import type { Canary } from './canary.js'
import type { Traffic } from './traffic.js'

/** The members of a canary that serve or record calls. */
export type CanaryCalls<Version extends string> = Pick<
  Canary<Version>,
  'wrap' | 'models' | 'run' | 'serve' | 'begin' | 'assign' | 'record' | 'track'
>

/** Creates the members of a canary that serve or record calls. */
export function createCanaryCalls<Version extends string>(
  traffic: Traffic<Version>,
  { clock, report }: { readonly clock: Clock; readonly report: Events['report'] },
): CanaryCalls<Version> {
  const { versions, router, recorder, split, opener, serve, watches, ask } = traffic
  const { begin } = opener
  const { record } = recorder
  return {
    wrap: <Input extends unknown[], Baseline, Output>(
      models: Models<Input, Baseline, Output> | ContextModels<Input, Baseline, Output, Version>,
      wrapOptions: Parameters<typeof wrapModels<Version, Input, Baseline, Output>>[2] = {},
    ) => {
      const parts = { begin, serve, report, clock, canaryVersion: versions.canary }
      const { wrapped, task } = wrapModels(parts, models as Models<Input, Baseline, Output>, wrapOptions)
      if (task) traffic.addWarmUp(task)
      return wrapped
    },
    models: checkedModels,
    run(request, call, runOptions = {}) {
      checkServing('run', runOptions, RUN_OPTIONS)
      if (typeof call !== 'function') {
        throw new CanaryError('MISSING_HANDLER', 'run takes (request, (flight) => output); for two models call wrap')
      }
      const flight = begin(request)
      const model = () => call(flight)
      return serve(flight as Flight, { baseline: model, canary: model }, runOptions, [], flight.startedAt)
    },
    serve: (flight, models, servingOptions, ...input) => serve(flight as Flight, models, servingOptions, input),
    begin,
    assign: router.assign,
    record(call) {
      const said = traffic.isClosed ? undefined : ask(() => ({ ...call, at: clock.elapsed() }))
      if (!said) return
      record(said)
      const { variant, outcome } = said
      if (isVariant(variant)) watches.ended({ variant, reason: 'split', epoch: split.decided.epoch }, outcome)
    },
    track(assignment, metrics) {
      const said = traffic.isClosed ? undefined : ask(() => ({ ...assignment }))
      if (said) recorder.track(metrics, said.variant, said, clock.elapsed())
    },
  }
}

/** The options of `run`. It has no `fallback`, because it makes only one call. */
const { fallback: _, ...RUN_OPTIONS } = SERVING_OPTIONS
