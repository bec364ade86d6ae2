import type { RecordStoreRule } from '../record-store-contract.js'
import type { RecordStorePlace } from './place.js'

/** A fault: a description, a place whose stores have it, and the other rules that find it as well. */
export type Fault = readonly [
  fault: string,
  make: () => RecordStorePlace,
  also?: readonly RecordStoreRule[] | 'all rules about fleets',
]

/** A part of the faults. */
export type Faults = Readonly<Partial<Record<RecordStoreRule, Fault>>>
