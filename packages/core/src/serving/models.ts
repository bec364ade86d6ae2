import { CanaryError } from '../foundation/errors.js'
import { type Names, numberWithin, optionalFunction, refuseUnknown } from '../foundation/options.js'
import type { MetricValue, Outcome, Prediction } from '../foundation/vocabulary.js'
import { checkFallback, type FallbackOptions } from './fallback-input.js'

/** The two models, with the same input. Each may answer directly, by a promise, or with a stream. */
export interface Models<Input extends unknown[], Baseline, Canary> {
  /** The version that serves today. */
  readonly baseline: (...input: Input) => Baseline
  /** The new version. */
  readonly canary: (...input: Input) => Canary
}

/**
 * What the caller gets: of a promise with members of its own an ordinary one, and everything else as the model gave it.
 */
export type Served<Output> = Output extends PromiseLike<unknown> ? Promise<Awaited<Output>> : Output

/**
 * A call that has come to an end: with an output, or with an error. `isLeft` says that the reader of a stream left
 * before its end.
 */
export type Settled<Output> = { readonly output: Output; readonly isLeft?: true } | { readonly error: unknown }

/**
 * How a model call is served and described.
 *
 * The functions that describe an output are not called for streams. One that throws, or answers with a
 * promise, is counted as `OBSERVER_FAILED`, and the caller gets the answer all the same. Where `classify` or `validate`
 * gives no answer that can be used, an alert `outcome` says so.
 */
export interface ServingOptions<Input extends unknown[], Output> {
  /**
   * Lets the baseline answer when the canary throws, times out or gives an invalid output: at most 20 % extra
   * baseline calls over 10 s, and 5 in any case. If the baseline fails too, its error is the caller's.
   * The canary gets a copy of plain arrays and objects, so that the baseline's input is untouched; where the input
   * can be read only once and the canary may have read it, there is no fallback (`FALLBACK_IMPOSSIBLE`). A stream that
   * fails before its first chunk is replaced by the baseline's. The caller's mistakes (`rejected`) are passed on as they
   * are. @default false
   */
  readonly fallback?: boolean | FallbackOptions<Input> | undefined
  /**
   * The longest that a promise may take, in milliseconds; then it rejects `MODEL_TIMEOUT`, also where the answer came
   * late because the model itself kept the event loop from turning. An answer that is given at once, but later than
   * this, counts as a timeout, and the caller gets it. Not applied to a stream once it is there.
   */
  readonly timeoutMs?: number | undefined
  /**
   * The longest that a stream may stay silent from when it is first read to its first chunk, in milliseconds; then the
   * reader gets `MODEL_TIMEOUT`, or with `fallback` the baseline's stream. @default no limit
   */
  readonly firstChunkTimeoutMs?: number | undefined
  /**
   * Says how a call ended where throwing or not is not the whole truth; `undefined` leaves it at that. Of a stream it is
   * asked at its end, with the stream as the output. Any other answer, such as a promise, makes the call an error.
   */
  readonly classify?: ((settled: Settled<Output>) => Outcome | undefined) | undefined
  /**
   * Says when an output is complete whose end cannot be seen, such as an object with streams and promises in it: once
   * the promise resolves the call is a success, and if it rejects an error. It is called when the output is given.
   */
  readonly completionOf?: ((output: Output) => PromiseLike<unknown>) | undefined
  /** The class that was predicted. */
  readonly predictionOf?: ((output: Output, ...input: Input) => Prediction | undefined) | undefined
  /** A numeric output, such as a confidence. */
  readonly scoreOf?: ((output: Output, ...input: Input) => number | undefined) | undefined
  /** Business metrics that are known at once. */
  readonly metricsOf?:
    | ((output: Output, ...input: Input) => Readonly<Record<string, MetricValue>> | undefined)
    | undefined
  /**
   * False, or throwing, makes the output an error; without `fallback` the caller gets it all the same. A promise makes the
   * call an error too, and the caller gets the output.
   */
  readonly validate?: ((output: Output, ...input: Input) => boolean) | undefined
}

/** Two models, and beside them how they are served: as a literal for `run`, or checked once by `canary.models`. */
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

/** Refuses models that cannot be called. */
export function checkModels(where: string, models: Models<never, unknown, unknown>): void {
  for (const variant of ['baseline', 'canary'] as const) {
    if (typeof models?.[variant] !== 'function') {
      throw new CanaryError(
        'MISSING_HANDLER',
        `${where}: pass { baseline, canary } with a function each; ${variant} has none`,
      )
    }
  }
}

/** Refuses serving options that cannot be used, and names that are not known. */
export function checkServing<Options extends object>(where: string, options: Options, known: Names<Options>): void {
  refuseUnknown(where, options, known)
  const given = options as ServingOptions<never, never>
  for (const name of ['timeoutMs', 'firstChunkTimeoutMs'] as const) {
    if (given[name] !== undefined) numberWithin(`${where}: ${name}`, given[name], 1, 2_147_483_647)
  }
  checkFallback(where, given.fallback)
  for (const name of ['classify', 'completionOf', 'predictionOf', 'scoreOf', 'metricsOf', 'validate'] as const) {
    if (given[name] !== undefined) optionalFunction(`${where}: ${name}`, given[name])
  }
}
