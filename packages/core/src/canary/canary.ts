import type { Controller } from '../controller/controller-contract.js'
import type { CanaryError } from '../foundation/errors.js'
import type { Assignment, ByVariant, MetricValue, Observation } from '../foundation/vocabulary.js'
import type { RoutingInput } from '../routing/strategy.js'
import type { Flight, FlightRequest } from '../serving/flight.js'
import type { ContextModels } from '../serving/model-context.js'
import type { Models, Servable, Served, ServingOptions } from '../serving/models.js'
import type { WrapOptions, WrapWithContext } from '../serving/wrap.js'
import type { MetricsWindow } from '../summaries/metrics-window.js'
import type { Summary } from '../summaries/summary.js'
import type { VersionMetrics } from '../summaries/version-metrics.js'

/** A canary in this process: it splits the traffic, watches both versions, and changes the weight. */
export interface Canary<Version extends string = string> extends Omit<Controller, 'evaluate' | 'run'> {
  /**
   * Returns a function that routes each call, calls the model of the chosen version, and records the outcome.
   * The function has the type of the models: synchronous answers stay synchronous, and streams stay streams.
   * A promise with additional members is returned as an ordinary promise, in its type as well.
   * The `this` of the models is that of the function's caller, or else the object in which they were given; an instance
   * of a class always keeps its own.
   * With `context: true` each model gets `{ signal, variant, version }` as an additional last argument.
   */
  wrap<Input extends unknown[], Baseline, CanaryOutput>(
    models: ContextModels<Input, Baseline, CanaryOutput, Version>,
    options: WrapWithContext<Input, Awaited<Baseline> | Awaited<CanaryOutput>>,
  ): (...input: Input) => Served<Baseline> | Served<CanaryOutput>
  /** Does the same for models that get only their input. */
  wrap<Input extends unknown[], Baseline, CanaryOutput>(
    models: Models<Input, Baseline, CanaryOutput>,
    options?: WrapOptions<Input, Awaited<Baseline> | Awaited<CanaryOutput>>,
  ): (...input: Input) => Served<Baseline> | Served<CanaryOutput>
  /**
   * Checks two models and their serving options once, for `run` of every request and for `wrap`.
   *
   * @throws `MISSING_HANDLER`, `UNKNOWN_OPTION`, `INVALID_OPTION`
   * @example
   * const predict = canary.models({ baseline: v1, canary: v2 }, { fallback: true, timeoutMs: 2_000 })
   * app.post('/predict', async (req, res) => res.json(await req.canary.run(predict, req.body)))
   */
  models<Input extends unknown[], Baseline, CanaryOutput>(
    models: Models<Input, Baseline, CanaryOutput>,
    options?: ServingOptions<Input, Awaited<Baseline> | Awaited<CanaryOutput>>,
  ): Servable<Input, Baseline, CanaryOutput>
  /**
   * Runs one call that uses the flight itself, such as its `signal`.
   *
   * @throws `MISSING_HANDLER`, `UNKNOWN_OPTION`, `INVALID_OPTION`
   */
  run<Output>(
    request: RoutingInput,
    call: (flight: Flight<Version>) => Output,
    options?: Omit<ServingOptions<[], Awaited<Output>>, 'fallback'>,
  ): Served<Output>
  /** Calls the model of the flight's variant, and ends the flight with the outcome. */
  serve<Input extends unknown[], Baseline, CanaryOutput>(
    flight: Flight<Version>,
    models: Models<Input, Baseline, CanaryOutput>,
    options: ServingOptions<Input, Awaited<Baseline> | Awaited<CanaryOutput>>,
    ...input: Input
  ): Served<Baseline> | Served<CanaryOutput>
  /** Opens a flight, on which all other ways to call a model are built. End it once. */
  begin(request?: FlightRequest<Version>): Flight<Version>
  /** Returns the version that would serve a request, and counts nothing. Never throws. */
  assign(request?: RoutingInput): Assignment<Version>
  /** Records a finished call that was measured elsewhere. Never throws. */
  record(call: Omit<Observation, 'at'>): void
  /**
   * Records business metrics that became known after the call (a click, a purchase) for the version and the step that
   * served it. Counts no request. Record both yes and no: a metric that is recorded only when it happens has the mean 1
   * in both arms. Never throws.
   */
  track(
    assignment: Pick<Assignment, 'variant' | 'reason' | 'epoch' | 'step' | 'bucket'>,
    metrics: Readonly<Record<string, MetricValue | undefined>>,
  ): void
  /**
   * Resolves to the metrics of all processes that share the rollout, in the present step: what each has reported in the
   * last second, and what this process has counted up to now. Reads the store, so ask every few seconds at most.
   *
   * Rejects `NOT_SHARED` if the store keeps no reports (only one with a `fleet` does), and `STORE_FAILED`.
   *
   * @example
   * const { v1, v2 } = await canary.metrics({ scope: 'fleet' })
   */
  metrics(options: {
    readonly scope: 'fleet'
    readonly window?: 'step'
  }): Promise<Readonly<Record<Version, VersionMetrics>>>
  /** Returns the metrics of each version in this process, by its name. @default window 'rollout' */
  metrics(options?: {
    readonly scope?: 'process'
    readonly window?: MetricsWindow
  }): Readonly<Record<Version, VersionMetrics>>
  /**
   * Returns the counts of each arm as aggregates that can be merged, for an exporter or for a judge in another process.
   * @default window 'rollout'
   */
  counts(options?: { readonly window?: MetricsWindow }): ByVariant<Summary>
  /** Counts a failure of code that uses this canary, such as an adapter. */
  report(error: CanaryError): void
}
