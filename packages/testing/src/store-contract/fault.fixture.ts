import type { StoreRule } from '../store-contract.js'
import type { StorePlace } from './place.js'

/** A fault: a description, a place whose stores have it, and the other rules that find it as well. */
export type Fault = readonly [
  fault: string,
  make: () => StorePlace,
  also?: readonly StoreRule[] | 'all rules about fleets',
]

/** A part of the faults. */
export type Faults = Readonly<Partial<Record<StoreRule, Fault>>>
