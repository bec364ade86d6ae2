import { deepEqual, equal } from 'node:assert/strict'
import type {
  Body,
  Fleet,
  Head,
  Lease,
  LeaseAnswer,
  PublishAnswer,
  Records,
  RecordWrite,
  Report,
  StateStore,
  Visit,
  WriteAnswer,
} from '@model-canary/core/controller'
import type { PlaceStage } from '../contract-places.js'
import type { StorePlace } from './place.js'

/** What a rule receives. */
export type Stage = PlaceStage<StateStore, StorePlace>

/** A lease that does not run out while a rule runs, in milliseconds. */
export const LONG_MS = 60_000

/** A lease that runs out while a rule waits, in milliseconds. */
export const SHORT_MS = 250

/** One process of a rollout: the calls of its store, each with a deadline. */
export interface Process {
  readonly store: StateStore
  load(): Promise<Records | undefined>
  write(change: RecordWrite): Promise<WriteAnswer>
  /** Writes, and asserts that the store takes it. */
  writes(change: RecordWrite): Promise<void>
  /** Asserts that the store refuses a write, and returns the stored head with it. */
  isRefused(kind: 'moved' | 'deposed', stored: Head | undefined, change: RecordWrite): Promise<void>
  /** Asks for the lease. */
  ask(id: string, ttlMs?: number, leastFence?: number): Promise<LeaseAnswer>
  /** Asks for the lease, asserts that it is given, and returns it. */
  takes(id: string, ttlMs?: number, leastFence?: number): Promise<Lease>
  release(id: string): Promise<LeaseAnswer>
  keep(body: Body, tag: string, lease: Lease): Promise<'kept' | 'moved' | 'deposed'>
  publish(report: Report, knownTag?: string | null): Promise<PublishAnswer>
  collect(visit: Visit, cursor: string): ReturnType<Fleet['collect']>
  members(): ReturnType<Fleet['members']>
}

const signal = new AbortController().signal

/** Opens the store as one more process of the rollout. */
export async function startProcess({ open, within }: Stage): Promise<Process> {
  const store = await open()
  const fleet = (): Fleet => {
    if (store.fleet !== undefined) return store.fleet
    throw new Error('the store has no fleet; pass { hasFleet: false } to leave out the rules about it')
  }
  const write: Process['write'] = (change) => within('write()', store.write(change, signal))
  const ask: Process['ask'] = (id, ttlMs = LONG_MS, leastFence = 0) =>
    within('lease()', fleet().lease({ id, ttlMs, leastFence }, signal))
  return {
    store,
    load: () => within('load()', store.load(signal)),
    write,
    async writes(change) {
      deepEqual(await write(change), { kind: 'written' }, `the write of "${change.head.tag}" must be taken`)
    },
    async isRefused(kind, stored, change) {
      const refusal = `a write over "${change.expect}" must be refused, with the stored head`
      deepEqual(await write(change), { kind, head: stored }, refusal)
    },
    ask,
    async takes(id, ttlMs, leastFence) {
      const { isMine, fence } = await ask(id, ttlMs, leastFence)
      equal(isMine, true, `a free lease must be given to "${id}"`)
      return { id, fence }
    },
    release: (id) => within('lease()', fleet().lease({ id, release: true }, signal)),
    keep: (body, tag, lease) => within('keep()', fleet().keep(body, tag, lease, signal)),
    publish: (report, knownTag = null) => within('publish()', fleet().publish(report, knownTag, signal)),
    collect: (visit, cursor) => within('collect()', fleet().collect(visit, cursor, signal)),
    members: () => within('members()', fleet().members(signal)),
  }
}

/** Opens the store as two processes of one rollout. */
export const startTwo = async (stage: Stage): Promise<readonly [Process, Process]> => [
  await startProcess(stage),
  await startProcess(stage),
]

/** Waits until a store gives the answer that is expected. */
export async function untilAnswered(stage: Stage, what: string, ask: () => Promise<boolean>): Promise<void> {
  let asked: Promise<void> | undefined
  let failed: readonly [unknown] | undefined
  let isTrue = false
  await stage.until(what, () => {
    asked ??= ask()
      .then(
        (answer) => void (isTrue = answer),
        (error: unknown) => void (failed = [error]),
      )
      .finally(() => void (asked = undefined))
    return isTrue || failed !== undefined
  })
  if (failed !== undefined) throw failed[0]
}

/** Lets time pass by the clock of the store, or waits for as long. */
export async function pass(stage: Stage, ms: number): Promise<void> {
  if (stage.place.passTime !== undefined) return stage.place.passTime(ms)
  const endsAt = performance.now() + ms
  await stage.until(`${ms} ms pass`, () => performance.now() >= endsAt)
}
