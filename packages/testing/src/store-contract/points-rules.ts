import { equal } from 'node:assert/strict'
import type { Lease, PointsRecord, StateStore } from '@model-canary/core/controller'
import type { PlayAt } from '../contract-places.js'
import type { StorePlace } from './place.js'
import { type Stage, startProcess, startTwo } from './process.js'
import { headOf } from './records.js'

/** As long as points are at most, in characters. */
const LONGEST = 16_384

/** What holds for a store that keeps the points of charts. */
export function pointsRules(play: PlayAt<StateStore, StorePlace>) {
  return {
    'keeps the points of one process for another one, and has none at first': play(async (stage) => {
      const [one, other] = await startTwo(stage)
      const [mine, theirs] = [pointsOf(one.store, stage), pointsOf(other.store, stage)]
      equal(await theirs.load(), null)
      equal(await mine.keep('s0'), 'kept')
      equal(await theirs.load(), 's0')
    }),
    'replaces points of 16 KiB, beside the records': play(async (stage) => {
      const { store, load, writes } = await startProcess(stage)
      await writes({ expect: null, head: headOf('a') })
      const points = pointsOf(store, stage)
      await points.keep('s'.padEnd(LONGEST, '-_09azAZ~.'))
      equal(await points.load(), 's'.padEnd(LONGEST, '-_09azAZ~.'))
      await points.keep('s1')
      equal(await points.load(), 's1')
      equal((await load())?.head.tag, 'a')
    }),
  }
}

/** What holds if the store has leases, too. */
export function fencedPointsRules(play: PlayAt<StateStore, StorePlace>) {
  return {
    'refuses points without the lease in force, and changes nothing': play(async (stage) => {
      const { store, takes, release } = await startProcess(stage)
      const points = pointsOf(store, stage)
      const lease = await takes('one')
      equal(await points.keep('s1', lease), 'kept')
      equal(await points.keep('s2', { id: 'other', fence: lease.fence }), 'deposed')
      equal(await points.keep('s3', { id: 'one', fence: lease.fence - 1 }), 'deposed')
      await release('one')
      equal(await points.keep('s4', lease), 'deposed')
      equal(await points.load(), 's1')
    }),
  }
}

const signal = new AbortController().signal

/** Returns the calls of a store, each with a deadline. */
function pointsOf({ points }: StateStore, { within }: Stage) {
  const record = (): PointsRecord => {
    if (points !== undefined) return points
    throw new Error('the store has no points; pass { hasPoints: false } to leave out the rules about them')
  }
  return {
    load: async () => within('points.load()', record().load(signal)),
    keep: async (text: string, lease?: Lease) => within('points.keep()', record().keep(text, lease, signal)),
  }
}
