import type { Clock } from '../clock.js'
import type { CanaryError } from '../errors.js'
import { optionalFunction, refuseUnknown } from '../options.js'
import type { RoutingRequest } from '../routing/strategy.js'
import { createAsk } from './ask.js'
import type { Flight } from './flight.js'
import { checkModels, checkServing, type Models, SERVING_OPTIONS, type ServingOptions } from './models.js'
import type { Serve } from './serve.js'
import { type WarmUpInputs, type WarmUpTask, warmUpWith } from './warm-up.js'

/** How the wrapped function routes, serves and describes its calls. */
export interface WrapOptions<Input extends unknown[], Output> extends ServingOptions<Input, Output> {
  /** Who is routed. A key that cannot be read or used sends the call to the baseline. */
  readonly key?: ((...input: Input) => string | undefined) | undefined
  /** Anything else that a custom strategy decides by. */
  readonly attributes?: ((...input: Input) => Readonly<Record<string, unknown>> | undefined) | undefined
  /** Calls that every process's canary has to answer before its first real one. */
  readonly warmUp?: WarmUpInputs<Input> | undefined
}

/** What wrapping needs of a canary. */
export interface WrapParts<Version extends string> {
  readonly begin: (request: RoutingRequest) => Flight<Version>
  readonly serve: Serve
  readonly report: (error: CanaryError) => void
  readonly clock: Clock
}

/** Makes the wrapped function, and the warm-up that goes with it. */
export function wrapModels<Version extends string, Input extends unknown[], Baseline, CanaryOutput>(
  { begin, serve, report, clock }: WrapParts<Version>,
  models: Models<Input, Baseline, CanaryOutput>,
  options: WrapOptions<Input, Awaited<Baseline> | Awaited<CanaryOutput>>,
): { wrapped: (...input: Input) => Baseline | CanaryOutput; task: WarmUpTask | undefined } {
  refuseUnknown('wrap: models', models, ['baseline', 'canary'])
  checkModels('wrap', models)
  checkServing('wrap', options, [...SERVING_OPTIONS, 'key', 'attributes', 'warmUp'])
  const key = optionalFunction('wrap: key', options.key)
  const attributes = optionalFunction('wrap: attributes', options.attributes)

  const ask = createAsk(report, 'KEY_FAILED', 'the call is routed as one without')
  const requestOf = (input: Input): RoutingRequest => ({
    key: key && ask(() => key(...input)),
    attributes: attributes && ask(() => attributes(...input)),
  })

  return {
    wrapped(...input) {
      const flight = begin(requestOf(input)) as Flight
      return serve(flight, models, options, input, flight.startedAt)
    },
    task: options.warmUp && warmUpWith((...input: Input) => models.canary(...input), options.warmUp, clock),
  }
}
