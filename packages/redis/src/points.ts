import type { PointsRecord } from '@model-canary/core/controller'
import type { Asker } from './ask.js'
import { textOfLease } from './fleet.js'
import type { Keys } from './keys.js'
import { KEEP_POINTS, LOAD_POINTS } from './scripts/points.js'

/** Creates the points of charts: one text in a key of its own. */
export const createPoints = ({ ask }: Asker, keys: Keys): PointsRecord => ({
  async load(signal) {
    const [text] = await ask({ script: LOAD_POINTS, keys: [keys.points], args: [], isPoll: true }, signal)
    return text || null
  },
  async keep(text, lease, signal) {
    const args = [lease ? textOfLease(lease) : '', text]
    const call = { script: KEEP_POINTS, keys: [keys.points, keys.lease], args, isPoll: true }
    const [kind] = await ask(call, signal)
    return kind as 'kept' | 'deposed'
  },
})
