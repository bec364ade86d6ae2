import type { PointsRecord } from '@model-canary/core/controller'
import type { Asker } from './ask.js'
import { textOfLease } from './fleet.js'
import type { Keys } from './keys.js'
import { POINTS } from './scripts/points.js'

/** Creates the points of charts: one text in a key of its own. */
export function createPoints({ ask }: Asker, { points, lease: leased }: Keys): PointsRecord {
  const call = async (args: readonly string[], signal: AbortSignal): Promise<string> =>
    (await ask({ script: POINTS, keys: [points, leased], args, isPoll: true }, signal))[0]!
  return {
    load: async (signal) => (await call([], signal)) || null,
    keep: async (text, lease, signal) =>
      (await call([lease ? textOfLease(lease) : '', text], signal)) as 'kept' | 'deposed',
  }
}
