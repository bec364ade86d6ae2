import { CanaryError } from '../foundation/errors.js'
import { show } from '../foundation/options.js'
import type { Variant } from '../foundation/vocabulary.js'
import type { OverrideStrategy, RoutingRequest, Strategy } from './strategy.js'

/** The variant that a request must get, or `undefined` to let the strategy decide. */
export type Forced = (request: RoutingRequest) => Variant | undefined

/** The type of an override: a promise if the inner strategy is a promise. */
export type Overridden<Inner> = Inner extends PromiseLike<Strategy> ? Promise<OverrideStrategy> : OverrideStrategy

/**
 * Forces a variant on some requests and leaves the others to the inner strategy.
 *
 * Forced requests are assigned with reason `override` and never count as evidence. They are forced at
 * every weight, also at 0 and 100; only a disabled rollout ignores overrides. Overrides nest,
 * and the outermost answer wins.
 *
 * Throws `INVALID_STRATEGY` and `INVALID_OPTION`.
 *
 * @example
 * withOverride(stickyStrategy({ salt: 'sentiment-2026-11' }), ({ attributes }) =>
 *   attributes?.tester === true ? 'canary' : undefined,
 * )
 */
export function withOverride<Inner extends Strategy | PromiseLike<Strategy>>(
  inner: Inner,
  forced: Forced,
): Overridden<Inner>
export function withOverride(inner: Strategy | PromiseLike<Strategy>, forced: Forced) {
  if (typeof forced !== 'function') {
    throw new CanaryError('INVALID_OPTION', `forced must be a function, got ${show(forced)}`)
  }
  return isPromise(inner) ? inner.then((strategy) => override(strategy, forced)) : override(inner, forced)
}

/** The layers of a strategy: its overrides, outermost first, and the strategy that decides all other requests. */
export interface Layers {
  readonly overrides: readonly OverrideStrategy[]
  readonly innermost: Strategy
}

/** Returns the layers of a strategy. Throws `INVALID_STRATEGY` if a layer does not have the shape of a strategy. */
export function layersOf(strategy: Strategy): Layers {
  const overrides: OverrideStrategy[] = []
  let innermost = checked(strategy)
  while (isOverride(innermost)) {
    overrides.push(innermost)
    innermost = checked(innermost.inner)
  }
  return { overrides, innermost }
}

function override(inner: Strategy, forced: Forced): OverrideStrategy {
  const { name, unit } = checked(inner)
  return {
    name: `override(${name})`,
    unit,
    inner,
    forced,
    pick(request, weight) {
      const variant = forced(request)
      return variant === undefined ? inner.pick(request, weight) : variant
    },
  }
}

/** Returns the strategy if it has the shape of a strategy; throws otherwise. */
function checked(strategy: Strategy): Strategy {
  const refuse = (why: string) => new CanaryError('INVALID_STRATEGY', why)
  if (typeof strategy !== 'object' || strategy === null) {
    const advice = 'pass stickyStrategy({ salt }) or randomStrategy()'
    throw refuse(`${advice}, or an object with name, unit and pick, got ${show(strategy)}`)
  }
  if (isPromise(strategy)) throw refuse('got a promise of a strategy; await it first')
  const { name, unit, pick } = strategy
  if (typeof name !== 'string' || name === '') throw refuse(`a strategy needs a name, got ${show(name)}`)
  if (unit !== 'request' && unit !== 'key') {
    throw refuse(`the unit of "${name}" must be "request" or "key", got ${show(unit)}`)
  }
  if (typeof pick !== 'function') throw refuse(`"${name}" needs a function pick(request, weight), got ${show(pick)}`)
  return strategy
}

function isOverride(strategy: Strategy): strategy is OverrideStrategy {
  return 'forced' in strategy && typeof strategy.forced === 'function' && 'inner' in strategy
}

function isPromise(value: unknown): value is PromiseLike<Strategy> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}
