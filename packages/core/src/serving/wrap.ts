import type { CanaryError } from '../foundation/errors.js'
import { flag, optionalFunction } from '../foundation/options.js'
import type { RoutingKey } from '../routing/key.js'
import type { RoutingInput } from '../routing/strategy.js'
import type { Clock } from '../runtime/clock.js'
import { createAsk } from '../runtime/guarded.js'
import type { Flight } from './flight.js'
import { type ContextModels, type ModelContext, withContext } from './model-context.js'
import {
  checkServing,
  isInstance,
  type Models,
  SERVING_OPTIONS,
  type Servable,
  type Served,
  type ServingOptions,
} from './models.js'
import { checkPair, holderOf, readyModels } from './ready-models.js'
import type { Serve } from './serve.js'
import { type WarmUpInputs, type WarmUpTask, warmUpWith } from './warm-up.js'

/** How the wrapped function routes, serves and describes its calls. */
export interface WrapOptions<Input extends unknown[], Output> extends ServingOptions<Input, Output> {
  /** Who is routed. A key that cannot be read or used sends the call to the baseline. */
  readonly key?: ((...input: Input) => RoutingKey) | undefined
  /** Anything else that a custom strategy decides by. */
  readonly attributes?: ((...input: Input) => Readonly<Record<string, unknown>> | undefined) | undefined
  /** Sample calls that the canary of every process must answer before its first real one. */
  readonly warmUp?: WarmUpInputs<Input> | undefined
  /** Whether each model gets one more argument; see `WrapWithContext`. @default false */
  readonly context?: false | undefined
}

/** The same for models that get one more argument. */
export interface WrapWithContext<Input extends unknown[], Output> extends Omit<WrapOptions<Input, Output>, 'context'> {
  /** Passes `{ signal, variant, version }` to each model after its input, so that it can stop unwanted work. */
  readonly context: true
}

/** The parts that wrapping needs. */
export interface WrapParts<Version extends string> {
  readonly begin: (request?: RoutingInput) => Flight<Version>
  readonly serve: Serve
  readonly report: (error: CanaryError) => void
  readonly clock: Clock
  readonly canaryVersion: Version
}

/** Checks the models and their options, and returns them ready to be served. */
export function checkedModels<Input extends unknown[], Baseline, CanaryOutput>(
  models: Models<Input, Baseline, CanaryOutput>,
  options: ServingOptions<Input, Awaited<Baseline> | Awaited<CanaryOutput>> = {},
): Servable<Input, Baseline, CanaryOutput> {
  checkPair('models', models)
  checkServing('models', options, SERVING_OPTIONS)
  return readyModels(models, options)
}

/** Creates the wrapped function and its warm-up. */
export function wrapModels<Version extends string, Input extends unknown[], Baseline, CanaryOutput>(
  { begin, serve, report, clock, canaryVersion }: WrapParts<Version>,
  models: Models<Input, Baseline, CanaryOutput> | ContextModels<Input, Baseline, CanaryOutput>,
  options: WrapOptions<Input, Given<Baseline, CanaryOutput>> | WrapWithContext<Input, Given<Baseline, CanaryOutput>>,
): { wrapped: (...input: Input) => Served<Baseline> | Served<CanaryOutput>; task: WarmUpTask | undefined } {
  checkPair('wrap', models)
  checkServing('wrap', options, { ...SERVING_OPTIONS, key: 1, attributes: 1, warmUp: 1, context: 1 })
  const { key, attributes, warmUp, context = false, ...serving } = options
  optionalFunction('wrap: key', key)
  optionalFunction('wrap: attributes', attributes)
  const hasContext = flag('wrap: context', context)

  const ask = createAsk(report, 'KEY_FAILED', 'the call is routed as one without')
  const requestOf = (input: Input): RoutingInput | undefined => {
    if (key === undefined && attributes === undefined) return undefined
    return { key: key && ask(() => key(...input)), attributes: attributes && ask(() => attributes(...input)) }
  }

  const ready = readyModels(models as Models<Input, Baseline, CanaryOutput>, serving)
  const holder = holderOf(ready)
  const isAlwaysSelf = isInstance(holder) // its methods need its own state, wherever the function is stored
  const plain: Models<Input, Baseline, CanaryOutput> = { baseline: ready.baseline, canary: ready.canary }
  const modelsFor = (flight: Flight): typeof plain => (hasContext ? withContext(flight, plain) : plain)
  const warm = (input: Input, signal: AbortSignal): unknown => {
    const context: ModelContext = { signal, variant: 'canary', version: canaryVersion }
    return plain.canary.apply(holder, hasContext ? ([...input, context] as unknown as Input) : input)
  }

  return {
    wrapped(this: unknown, ...input) {
      const flight = begin(requestOf(input)) as Flight
      const self = isAlwaysSelf || this === undefined ? holder : this
      return serve(flight, modelsFor(flight), ready, input, flight.startedAt, self)
    },
    task: warmUp && warmUpWith(warm, warmUp, clock),
  }
}

type Given<Baseline, CanaryOutput> = Awaited<Baseline> | Awaited<CanaryOutput>
