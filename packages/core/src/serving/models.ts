import { CanaryError } from '../foundation/errors.js'
import { isRecord, type Names, numberWithin, optionalFunction, refuseUnknown } from '../foundation/options.js'
import { type MetricValue, type Outcome, type Prediction, VARIANTS } from '../foundation/vocabulary.js'
import { checkFallback, type FallbackOptions } from './fallback-input.js'

/** The two models, with the same input. Each may answer directly, by a promise, or with a stream. */
export interface Models<Input extends unknown[], Baseline, Canary> {
  /** The version that serves today. */
  readonly baseline: (...input: Input) => Baseline
  /** The new version. */
  readonly canary: (...input: Input) => Canary
}

/** What the caller gets: the model's output. A promise of another class is returned as a native one. */
export type Served<Output> = Output extends PromiseLike<unknown> ? Promise<Awaited<Output>> : Output

/** A call that has ended, with an output or with an error. `isLeft`: the reader of a stream left before its end. */
export type Settled<Output> = { readonly output: Output; readonly isLeft?: true } | { readonly error: unknown }

/**
 * How a model call is served and described.
 *
 * The functions that describe an output are not called for streams. If one throws or returns a promise, this is
 * counted as `OBSERVER_FAILED`, and the caller still gets the output. If `classify` or `validate` returns an invalid
 * value, an alert `outcome` reports it.
 */
export interface ServingOptions<Input extends unknown[], Output> {
  /**
   * Lets the baseline answer if the canary throws, times out or returns an invalid output: at most 20 % extra
   * baseline calls over 10 s, but always 5. If the baseline fails too, the caller gets its error.
   * The canary gets a copy of plain arrays and objects, so that the baseline's input is unchanged. If the input
   * can be read only once and the canary may have read it, there is no fallback (`FALLBACK_IMPOSSIBLE`). An async
   * iterable, web stream or Node stream that fails before its first chunk is replaced by the baseline's. Observables,
   * generators, the body of a response, and members of an object are not (`OPTION_IGNORED`). Mistakes of the caller
   * (`rejected`) are passed on unchanged. @default false
   */
  readonly fallback?: boolean | FallbackOptions<Input> | undefined
  /**
   * The time limit of a promise, in milliseconds. Then it rejects with `MODEL_TIMEOUT`, even if the answer is late
   * because the model itself blocked the event loop. A synchronous answer that takes longer counts as a timeout, but the
   * caller gets it. Does not apply to a stream once it was returned.
   */
  readonly timeoutMs?: number | undefined
  /**
   * The time limit from the first read of an async iterable, web stream or Node stream to its first chunk, in
   * milliseconds. Then the reader gets `MODEL_TIMEOUT`, or with `fallback` the baseline's stream. Other outputs have no
   * such limit (`OPTION_IGNORED`). @default no limit
   */
  readonly firstChunkTimeoutMs?: number | undefined
  /**
   * Returns the outcome of a call; `undefined` keeps the usual one: an error if the model threw, else a success. For a
   * stream it is called at the end, with the stream as the output. Any other result, such as a promise, makes the call
   * an error.
   */
  readonly classify?: ((settled: Settled<Output>) => Outcome | undefined) | undefined
  /**
   * Returns a promise that settles when the output is complete, for outputs whose end cannot be observed, such as an
   * object that contains streams and promises. The call is a success if it resolves, and an error if it rejects. Called
   * when the model has returned the output.
   */
  readonly completionOf?: ((output: Output) => PromiseLike<unknown>) | undefined
  /** The class that was predicted. */
  readonly predictionOf?: ((output: Output, ...input: Input) => Prediction | undefined) | undefined
  /** A numeric output, such as a confidence. */
  readonly scoreOf?: ((output: Output, ...input: Input) => number | undefined) | undefined
  /** Business metrics that are known immediately. One that is `undefined` has no value in this call. */
  readonly metricsOf?:
    | ((output: Output, ...input: Input) => Readonly<Record<string, MetricValue | undefined>> | undefined)
    | undefined
  /**
   * Returns whether an output is valid. If it throws, or returns false or another falsy value except `undefined`, the
   * call is an error; without `fallback` the caller still gets the output. A promise also makes the call an error, and
   * the caller gets the output.
   */
  readonly validate?: ((output: Output, ...input: Input) => boolean) | undefined
}

/** Two models with their serving options: as a literal for `run`, or checked once by `canary.models`. */
export interface Servable<Input extends unknown[], Baseline, Canary>
  extends Models<Input, Baseline, Canary>,
    ServingOptions<Input, Awaited<Baseline> | Awaited<Canary>> {}

/** The names of the serving options. */
export const SERVING_OPTIONS: Names<ServingOptions<never, never>> = {
  fallback: 1,
  timeoutMs: 1,
  firstChunkTimeoutMs: 1,
  classify: 1,
  completionOf: 1,
  predictionOf: 1,
  scoreOf: 1,
  metricsOf: 1,
  validate: 1,
}

/** Returns whether a value is an instance of a class, whose other members are its own and not mistaken options. */
export function isInstance(value: unknown): boolean {
  if (!isRecord(value)) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype !== Object.prototype && prototype !== null
}

/** Throws `MISSING_HANDLER` if a model is not a function. */
export function checkModels(where: string, models: Models<never, unknown, unknown>): void {
  for (const variant of VARIANTS) {
    if (typeof models?.[variant] !== 'function') {
      throw new CanaryError(
        'MISSING_HANDLER',
        `${where}: pass { baseline, canary } with a function each; ${variant} has none`,
      )
    }
  }
}

/** Throws for serving options that cannot be used, and for unknown names. A literal is checked at every call. */
export function checkServing<Options extends object>(where: string, options: Options, known: Names<Options>): void {
  if (!isInstance(options)) refuseUnknown(where, options, known)
  const given = options as ServingOptions<never, never>
  checkLimit(where, 'timeoutMs', given.timeoutMs)
  checkLimit(where, 'firstChunkTimeoutMs', given.firstChunkTimeoutMs)
  checkFallback(where, given.fallback)
  checkFunction(where, 'classify', given.classify)
  checkFunction(where, 'completionOf', given.completionOf)
  checkFunction(where, 'predictionOf', given.predictionOf)
  checkFunction(where, 'scoreOf', given.scoreOf)
  checkFunction(where, 'metricsOf', given.metricsOf)
  checkFunction(where, 'validate', given.validate)
}

function checkLimit(where: string, name: string, ms: number | undefined): void {
  if (ms !== undefined) numberWithin(`${where}: ${name}`, ms, 1, 2_147_483_647)
}

/** Makes the name for the message only if it is needed. */
function checkFunction(where: string, name: string, option: unknown): void {
  if (option !== undefined && typeof option !== 'function') optionalFunction(`${where}: ${name}`, option)
}
