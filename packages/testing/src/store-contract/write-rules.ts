import { deepEqual, equal } from 'node:assert/strict'
import type { StateStore, StoredRollout } from '@model-canary/core/controller'
import type { PlayAt } from '../contract-places.js'
import type { StorePlace } from './place.js'
import { EVIDENCE, storedRollout } from './stored-rollout.js'

/** The size up to which a controller stores by default: its option `maxStoredBytes`. */
const MOST_BYTES = 262_144

const WRITERS = 10

/** What a store keeps, and which writes it accepts. */
export function writeRules(play: PlayAt<StateStore, StorePlace>) {
  return {
    'has nothing stored at first': play(async ({ open, within }) => {
      const store = await open()
      equal(await within('load()', store.load()), undefined, 'load() must resolve to undefined in an empty place')
    }),
    'takes the first write over revision 0 only': play(async ({ open, within }) => {
      const store = await open()
      await refuses(within, store, storedRollout(4), 3)
      equal(await within('load()', store.load()), undefined, 'a refused write must store nothing')
      await takes(within, store, storedRollout(1), 0)
    }),
    'returns what was written, as JSON': play(async ({ open, within }) => {
      const store = await open()
      const written = storedRollout(1, { evidence: EVIDENCE, savedAt: 1_764_000_000_000 })
      await takes(within, store, written, 0)
      deepEqual(await within('load()', store.load()), JSON.parse(JSON.stringify(written)))
    }),
    'takes a rollout as large as controllers store by default': play(async ({ open, within }) => {
      const store = await open()
      const missing = MOST_BYTES - JSON.stringify(storedRollout(1, { evidence: '' })).length
      const written = storedRollout(1, { evidence: 'x'.repeat(missing) })
      await takes(within, store, written, 0)
      deepEqual(await within('load()', store.load()), written)
    }),
    'keeps a copy that nobody else can change': play(async ({ open, within }) => {
      const store = await open()
      const written = storedRollout(1)
      await takes(within, store, written, 0)
      Object.assign(written, { savedAt: 66 })
      Object.assign((await within('load()', store.load())) ?? {}, { savedAt: 77 })
      equal((await within('load()', store.load()))?.savedAt, 0, 'what is stored was changed without a write')
    }),
    'refuses a write that did not see the newest revision': play(async ({ open, within }) => {
      const store = await open()
      await takes(within, store, storedRollout(1), 0)
      await takes(within, store, storedRollout(2), 1)
      for (const expected of [0, 1, 3])
        await refuses(within, store, storedRollout(expected + 1, { savedAt: 66 }), expected)
      deepEqual(await within('load()', store.load()), storedRollout(2))
    }),
    'takes a revision that rises by more than one': play(async ({ open, within }) => {
      const store = await open()
      await takes(within, store, storedRollout(5), 0)
      await takes(within, store, storedRollout(9), 5)
      await refuses(within, store, storedRollout(7), 6)
      equal((await within('load()', store.load()))?.revision, 9)
    }),
    'shows every process what another one wrote': play(async ({ open, within }) => {
      const [one, other] = [await open(), await open()]
      await takes(within, one, storedRollout(1), 0)
      deepEqual(await within('load()', other.load()), storedRollout(1))
      await takes(within, other, storedRollout(2), 1)
      await refuses(within, one, storedRollout(2, { savedAt: 66 }), 1)
      deepEqual(await within('load()', one.load()), storedRollout(2))
    }),
    'takes one of many first writes at the same moment': play(async (stage) => oneWins(stage, 0)),
    'takes one of many writes over the same revision': play(async (stage) => {
      await takes(stage.within, await stage.open(), storedRollout(1), 0)
      await oneWins(stage, 1)
    }),
    'takes one of many writes over the same revision, whatever revisions they write': play(async (stage) => {
      await takes(stage.within, await stage.open(), storedRollout(1), 0)
      await oneWins(stage, 1, (writer) => 2 + writer)
    }),
  }
}

type Within = <Value>(what: string, promise: Promise<Value>) => Promise<Value>

/** Several processes write over one revision at the same time. One of them wins, and its write is stored. */
async function oneWins(
  { open, within }: { open(): Promise<StateStore>; readonly within: Within },
  expected: number,
  revisionOf: (writer: number) => number = () => expected + 1,
): Promise<void> {
  const stores = await Promise.all(Array.from({ length: WRITERS }, open))
  const writes = stores.map((store, writer) =>
    store.compareAndSet(storedRollout(revisionOf(writer), { savedAt: writer }), expected),
  )
  const answers = await within('all writes end', Promise.all(writes))
  const winners = answers.flatMap((isTaken, writer) => (isTaken ? [writer] : []))
  equal(winners.length, 1, `${winners.length} of ${WRITERS} writes over revision ${expected} were taken`)
  const stored = await within('load()', stores[0]!.load())
  equal(stored?.savedAt, winners[0], 'another write than the one that was taken is stored')
}

/** Writes, and asserts that the store accepts it. */
export async function takes(within: Within, store: StateStore, next: StoredRollout, expected: number): Promise<void> {
  equal(
    await within('compareAndSet()', store.compareAndSet(next, expected)),
    true,
    `revision ${next.revision} over ${expected} must be taken, and compareAndSet() resolve to true`,
  )
}

/** Tries to write, and asserts that the store refuses it. */
export async function refuses(within: Within, store: StateStore, next: StoredRollout, expected: number): Promise<void> {
  equal(
    await within('compareAndSet()', store.compareAndSet(next, expected)),
    false,
    `a write that expects revision ${expected} must be refused, and compareAndSet() resolve to false`,
  )
}
