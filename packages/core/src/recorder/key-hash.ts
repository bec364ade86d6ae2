import { hashOfKey } from '../summaries/clusters.js'
import type { AwaitedCall } from './answer-watch.js'
import type { Report } from './report.js'

/** Returns the hash of a call's key; `undefined` if it has none. An empty key counts as no key, as in a sticky split. */
export type KeyHash = (call: Pick<AwaitedCall, 'key' | 'keyHash'>) => number | undefined

/** Returns the function that hashes keys. It reports a key that cannot be read, and does not throw. */
export function createKeyHash(report: Report): KeyHash {
  return (call) => {
    try {
      if (call.keyHash !== undefined) return call.keyHash
      return typeof call.key === 'string' && call.key !== '' ? hashOfKey(call.key) : undefined
    } catch (cause) {
      report('KEY_FAILED', () => 'reading the key threw; the call is not counted by key', { cause })
      return undefined
    }
  }
}
