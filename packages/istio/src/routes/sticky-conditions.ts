import { invalid } from './destination-weights.js'
import { elementsOf, type Json, membersOf } from './json.js'
import type { PlacedRoute } from './pick-route.js'

/** The route that matches callers by their bucket, and the route that splits all others. */
export interface StickyPair {
  readonly sticky: PlacedRoute
  readonly split: PlacedRoute
}

/**
 * Returns the conditions of the sticky route. Each must match the header, because they are alternatives: a condition
 * without the header would match every caller.
 *
 * @throws `ROUTE_INVALID`
 */
export function stickyConditions(
  entries: readonly unknown[],
  { sticky, split }: StickyPair,
  header: string,
): readonly Json[] {
  const conditions = elementsOf(membersOf(entries[sticky.place]).match).map(membersOf)
  if (conditions.length === 0 || !conditions.every((condition) => regexIn(condition, header) !== undefined)) {
    throw invalid(sticky, `each of its conditions must match the header "${header}" with a regex`)
  }
  if (sticky.place > split.place)
    throw invalid(sticky, 'no request reaches it there; move it before the route that splits')
  return conditions
}

/** Returns the pattern of the header, or all patterns if the conditions differ. */
export function patternIn(conditions: readonly Json[], header: string): string {
  return [...new Set(conditions.map((condition) => regexIn(condition, header)))].join(' and ')
}

/** Returns the conditions with another pattern of the header. */
export function withPattern(conditions: readonly Json[], header: string, regex: string): readonly Json[] {
  return conditions.map((condition) => ({
    ...condition,
    headers: { ...membersOf(condition.headers), [header]: { regex } },
  }))
}

function regexIn({ headers }: Json, header: string): string | undefined {
  const { regex } = membersOf(membersOf(headers)[header])
  return typeof regex === 'string' ? regex : undefined
}
