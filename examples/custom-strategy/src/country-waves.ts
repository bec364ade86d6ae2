import type { RoutingRequest, Strategy } from '@model-canary/core'

/** Which countries wait, and until when. */
export interface CountryWavesOptions {
  /** The weight, in percent, from which a country takes part. A country that is not named takes part from the start. */
  readonly opensAt: Readonly<Record<string, number>>
  /** The country of a request. */
  readonly countryOf: (request: RoutingRequest) => string | undefined
}

/**
 * Keeps some countries on the baseline until the weight is high enough. The inner strategy decides for the others.
 *
 * A new country joins at the weight in force, so that no user leaves the canary while the weight rises.
 *
 * @throws `RangeError` for a country that would not even take part at 100 %
 */
export function countryWaves(inner: Strategy, { opensAt, countryOf }: CountryWavesOptions): Strategy {
  const waits = new Map(Object.entries(opensAt)) // a Map: a country called "__proto__" is only a name
  for (const [country, weight] of waits) {
    if (!(weight >= 0 && weight <= 100)) throw new RangeError(`${country} opens at ${weight}; pass 0 to 100`)
  }
  return {
    name: `country-waves(${inner.name})`,
    unit: inner.unit,
    pick(request, weight) {
      const country = countryOf(request)
      const isWaiting = country !== undefined && weight < (waits.get(country) ?? 0)
      return isWaiting ? 'baseline' : inner.pick(request, weight)
    },
  }
}
