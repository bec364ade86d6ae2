import type { CanaryError } from '../foundation/errors.js'
import { flag, optionalFunction, refuseUnknown } from '../foundation/options.js'
import type { RoutingKey } from '../routing/key.js'
import type { RoutingInput } from '../routing/strategy.js'
import type { Clock } from '../runtime/clock.js'
import { createAsk } from '../runtime/guarded.js'
import type { Flight } from './flight.js'
import { type ContextModels, type ModelContext, withContext } from './model-context.js'
import { checkModels, checkServing, type Models, SERVING_OPTIONS, type Served, type ServingOptions } from './models.js'
import type { Serve } from './serve.js'
import { type WarmUpInputs, type WarmUpTask, warmUpWith } from './warm-up.js'

/** How the wrapped function routes, serves and describes its calls. */
export interface WrapOptions<Input extends unknown[], Output> extends ServingOptions<Input, Output> {
  /** Who is routed. A key that cannot be read or used sends the call to the baseline. */
  readonly key?: ((...input: Input) => RoutingKey) | undefined
  /** Anything else that a custom strategy decides by. */
  readonly attributes?: ((...input: Input) => Readonly<Record<string, unknown>> | undefined) | undefined
  /** Calls that every process's canary has to answer before its first real one. */
  readonly warmUp?: WarmUpInputs<Input> | undefined
  /** Whether each model gets one more argument; see `WrapWithContext`. @default false */
  readonly context?: false | undefined
}

/** The same for models that get one more argument. */
export interface WrapWithContext<Input extends unknown[], Output> extends Omit<WrapOptions<Input, Output>, 'context'> {
  /** Gives each model `{ signal, variant, version }` behind its input: it can stop work that nobody waits for any more. */
  readonly context: true
}

/** What wrapping needs of a canary. */
export interface WrapParts<Version extends string> {
  readonly begin: (request: RoutingInput) => Flight<Version>
  readonly serve: Serve
  readonly report: (error: CanaryError) => void
  readonly clock: Clock
  readonly canaryVersion: Version
}

/** Makes the wrapped function, and the warm-up that goes with it. */
export function wrapModels<Version extends string, Input extends unknown[], Baseline, CanaryOutput>(
  { begin, serve, report, clock, canaryVersion }: WrapParts<Version>,
  models: Models<Input, Baseline, CanaryOutput> | ContextModels<Input, Baseline, CanaryOutput>,
  options: WrapOptions<Input, Given<Baseline, CanaryOutput>> | WrapWithContext<Input, Given<Baseline, CanaryOutput>>,
): { wrapped: (...input: Input) => Served<Baseline> | Served<CanaryOutput>; task: WarmUpTask | undefined } {
  refuseUnknown('wrap: models', models, { baseline: 1, canary: 1 })
  checkModels('wrap', models)
  checkServing('wrap', options, [...SERVING_OPTIONS, 'key', 'attributes', 'warmUp', 'context'])
  const key = optionalFunction('wrap: key', options.key)
  const attributes = optionalFunction('wrap: attributes', options.attributes)
  const hasContext = options.context !== undefined && flag('wrap: context', options.context)

  const ask = createAsk(report, 'KEY_FAILED', 'the call is routed as one without')
  const requestOf = (input: Input): RoutingInput => ({
    key: key && ask(() => key(...input)),
    attributes: attributes && ask(() => attributes(...input)),
  })

  const plain = models as Models<Input, Baseline, CanaryOutput>
  const modelsFor = (flight: Flight): typeof plain => (hasContext ? withContext(flight, plain) : plain)
  const warm = (input: Input, signal: AbortSignal): unknown => {
    const context: ModelContext = { signal, variant: 'canary', version: canaryVersion }
    return plain.canary(...(hasContext ? ([...input, context] as unknown as Input) : input))
  }

  return {
    wrapped(this: unknown, ...input) {
      const flight = begin(requestOf(input)) as Flight
      return serve(flight, modelsFor(flight), options, input, flight.startedAt, this === undefined ? plain : this)
    },
    task: options.warmUp && warmUpWith(warm, options.warmUp, clock),
  }
}

type Given<Baseline, CanaryOutput> = Awaited<Baseline> | Awaited<CanaryOutput>
