import { adopt, isThenable } from '../routing/thenable.js'
import { fallbackInput } from './fallback-input.js'
import type { Flight } from './flight.js'
import { inTime } from './in-time.js'
import type { Models, Served, ServingOptions } from './models.js'
import { holderOf } from './ready-models.js'
import type { ServeParts } from './serve-parts.js'
import type { ServedCall } from './served-call.js'
import { createSettling } from './settling.js'
import { releaseOutput } from './streams/output.js'

/**
 * Runs the flight's model and ends the flight with its result. `startedAt` is the current time, if known; `self` is the
 * `this` of the models, by default the object that contains them.
 */
export type Serve = <Input extends unknown[], Baseline, Canary>(
  flight: Flight,
  models: Models<Input, Baseline, Canary>,
  options: ServingOptions<Input, Awaited<Baseline> | Awaited<Canary>>,
  input: Input,
  startedAt?: number,
  self?: unknown,
) => Served<Baseline> | Served<Canary>

/**
 * Returns the function behind `wrap` and `run`. A synchronous model stays synchronous, and a stream stays a stream.
 * A third-party promise is returned as a native one.
 */
export function createServe(parts: ServeParts): Serve {
  const { clock, loop, budget } = parts
  const settling = createSettling(parts)

  const noteBlocked = (call: ServedCall): void => {
    call.blockedMs = clock.elapsed() - call.startedAt
    call.flight.blockedFor(call.blockedMs)
    loop.blocked(call.blockedMs)
  }

  const serve = (
    flight: Flight,
    models: ServedCall['models'],
    options: ServedCall['options'],
    input: unknown[],
    startedAt = clock.elapsed(),
    self: unknown = holderOf(models),
  ): unknown => {
    const { fallback } = options
    const spare = fallback && flight.variant === 'canary' ? fallbackInput(fallback, input) : undefined
    const call: ServedCall = { flight, models, options, input, startedAt, blockedMs: 0, spare, self }
    if (flight.variant === 'baseline') budget.spend(startedAt)
    let output: unknown
    try {
      const model = flight.variant === 'canary' ? models.canary : models.baseline
      output = model.apply(self, (spare?.given ?? input) as unknown[])
    } catch (error) {
      noteBlocked(call)
      return settling.failed(call, error)
    }
    noteBlocked(call)
    if (!isThenable(output)) return settling.arrivedAtOnce(call, output)
    const promise = adopt(output)
    const onArrival = (value: unknown) => settling.arrived(call, value)
    const onFailure = (error: unknown) => settling.failed(call, error)
    if (options.timeoutMs === undefined) return promise.then(onArrival, onFailure)
    return inTime(
      promise,
      { clock, loop, startedAt, blockedMs: call.blockedMs, limitMs: options.timeoutMs },
      {
        arrived: onArrival,
        failed: onFailure,
        expired: () => settling.expired(call),
        late: releaseOutput,
      },
    )
  }

  return serve as unknown as Serve
}
