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

/** A canary in this process: it splits the traffic, watches both versions, and moves the weight. */
export interface Canary<Version extends string = string> extends Omit<Controller, 'evaluate' | 'run'> {
  /**
   * Returns a function that routes each call, serves it by the version it is routed to, and records what came of it.
   * The function has the type of the models: an answer stays synchronous, and a stream a stream.
   * A promise with members of its own comes back as an ordinary one, in its type as well.
   * With `context: true` each model gets `{ signal, variant, version }` as one more argument after its input.
   */
  wrap<Input extends unknown[], Baseline, CanaryOutput>(
    models: ContextModels<Input, Baseline, CanaryOutput, Version>,
    options: WrapWithContext<Input, Awaited<Baseline> | Awaited<CanaryOutput>>,
  ): (...input: Input) => Served<Baseline> | Served<CanaryOutput>
  /** The same for models that get only their input. */
  wrap<Input extends unknown[], Baseline, CanaryOutput>(
    models: Models<Input, Baseline, CanaryOutput>,
    options?: WrapOptions<Input, Awaited<Baseline> | Awaited<CanaryOutput>>,
  ): (...input: Input) => Served<Baseline> | Served<CanaryOutput>
  /**
   * Checks two models and how they are served, once: for `run` of every request, and for `wrap`.
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
  /** Runs one call that needs the flight itself, such as its `signal`. */
  run<Output>(
    request: RoutingInput,
    call: (flight: Flight<Version>) => Output,
    options?: Omit<ServingOptions<[], Awaited<Output>>, 'fallback'>,
  ): Served<Output>
  /** Runs the flight's model and ends the flight with what came of it. */
  serve<Input extends unknown[], Baseline, CanaryOutput>(
    flight: Flight<Version>,
    models: Models<Input, Baseline, CanaryOutput>,
    options: ServingOptions<Input, Awaited<Baseline> | Awaited<CanaryOutput>>,
    ...input: Input
  ): Served<Baseline> | Served<CanaryOutput>
  /** Opens a flight: the primitive under all of these. End it once. */
  begin(request?: FlightRequest<Version>): Flight<Version>
  /** Asks who would serve, and counts nothing. Never throws. */
  assign(request?: RoutingInput): Assignment<Version>
  /** Takes in a finished call that was measured elsewhere. Never throws. */
  record(call: Omit<Observation, 'at'>): void
  /**
   * Books business metrics that became known after the call (a click, a purchase) on the version and step that served it.
   * Counts no request. A metric that is booked only when it happens has the mean 1 everywhere: book both yes and no. Never throws.
   */
  track(
    assignment: Pick<Assignment, 'variant' | 'reason' | 'epoch' | 'step'>,
    metrics: Readonly<Record<string, MetricValue>>,
  ): void
  /** What each version did, by the version's name. @default window 'rollout' */
  metrics(options?: { readonly window?: MetricsWindow }): Readonly<Record<Version, VersionMetrics>>
  /** What was counted of each arm: mergeable aggregates, for an exporter or a judge elsewhere. @default window 'rollout' */
  counts(options?: { readonly window?: MetricsWindow }): ByVariant<Summary>
  /** Counts a failure of something that was built on this canary. */
  report(error: CanaryError): void
}
