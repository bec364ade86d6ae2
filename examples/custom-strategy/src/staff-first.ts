import type { RoutingRequest, Strategy } from '@model-canary/core'
import { stickyStrategy, withOverride } from '@model-canary/core'
import { countryWaves } from './country-waves.js'

/** The rollout's salt, and where a country takes part; see `CountryWavesOptions`. */
export interface StaffFirstOptions {
  readonly salt: string
  readonly opensAt?: Readonly<Record<string, number>>
}

const isStaff = ({ attributes }: RoutingRequest): boolean => attributes?.staff === true

const countryOf = ({ attributes }: RoutingRequest): string | undefined =>
  typeof attributes?.country === 'string' ? attributes.country : undefined

/**
 * Staff first, then one country after the other, with the same people of each country every time.
 *
 * Staff are an override, not a part of the split. Colleagues who try the new model on purpose are not a fair sample
 * of its users, so their calls are shown by `metrics()` but are not evidence.
 *
 * @example
 * createCanary({ name, versions, strategy: staffFirst({ salt: 'sentiment-2026-11', opensAt: { US: 50 } }) })
 */
export async function staffFirst({ salt, opensAt = {} }: StaffFirstOptions): Promise<Strategy> {
  const waves = countryWaves(await stickyStrategy({ salt }), { opensAt, countryOf })
  return withOverride(waves, (request) => (isStaff(request) ? 'canary' : undefined))
}
