import type { ManualClock } from '@model-canary/testing'
import { sharedMemoryStore } from '../controller/shared-memory-store.js'
import { never, putBack } from '../controller/stored.fixture.js'
import type { ByVariant } from '../foundation/vocabulary.js'
import type { LeaseAnswer } from '../rollout/fleet.js'
import type { Body, Head, Records, Visit } from '../rollout/records.js'
import type { StateStore } from '../rollout/store.js'
import { createWriteChecks, type Losses } from './fleet-write-checks.fixture.js'

/** A store of several processes that can lose what it holds, and that checks what is written into it. */
export interface LossyFleetStore extends StateStore {
  /** The stored head. */
  readonly head: Head | undefined
  /** The id of the process that was told last that it holds the lease. */
  readonly leader: string | undefined
  /** What was wrong with a write, one sentence each. */
  readonly violations: string[]
  /** How many writes and bodies were taken. */
  readonly writes: number
  /** How often each kind of data was lost. */
  readonly losses: Losses
  /** The tag that each process knew when it last reported. */
  readonly knownTags: ReadonlyMap<string, string | null>
  /** The visits in which each step of each epoch was in force: `epoch/step`. */
  readonly visitsOf: ReadonlyMap<string, ReadonlySet<number>>
  /** Returns how many requests the processes have reported in a stay, each by its latest report. */
  published(visit: Visit, ids?: readonly (string | undefined)[]): ByVariant<number>
  /** Records that a second has passed. */
  tick(): void
  empty(): void
  putBack(writesAgo: number): Promise<void>
  loseBody(): void
  loseReports(): void
  /** Loses the lease. */
  loseLease(): Promise<void>
  /** Gives the lease to a process that does nothing with it. */
  steal(): Promise<void>
}

/** Creates an empty store. */
export function lossyFleetStore(clock: ManualClock): LossyFleetStore {
  let records = sharedMemoryStore({ clock })
  let counts = sharedMemoryStore({ clock })
  let head: Head | undefined
  let isBodyLost = false
  let writes = 0
  let leader: string | undefined
  const losses = { rollout: 0, body: 0, reports: 0 }
  const snapshots: Records[] = []
  const listeners = new Set<(head: Head) => void>()
  const checks = createWriteChecks(clock, losses)
  const askNobody = (): Promise<LeaseAnswer> => records.fleet!.lease({ id: 'nobody', release: true }, never)

  const loseLease = async (): Promise<void> => {
    const { holder } = await askNobody()
    if (holder !== null) await records.fleet!.lease({ id: holder, release: true }, never)
  }
  const took = async (body: Body | undefined): Promise<void> => {
    writes += 1
    if (body) isBodyLost = false
    if (body) checks.body(body)
    snapshots.push((await records.load(never))!)
    if (snapshots.length > 12) snapshots.shift()
  }

  return {
    ...{ losses, violations: checks.violations, knownTags: checks.knownTags, visitsOf: checks.visitsOf },
    get head() {
      return head
    },
    get writes() {
      return writes
    },
    get leader() {
      return leader
    },
    published: checks.published,
    tick: checks.tick,
    async load(signal) {
      const found = await records.load(signal)
      return found && isBodyLost ? { ...found, body: null } : found
    },
    async write(change, signal) {
      const [before, asked] = [head, askNobody()]
      const answer = await records.write(change, signal)
      if (answer.kind !== 'written' || before?.tag === change.head.tag) return answer
      head = change.head
      checks.write(change, before, await asked)
      await took(change.body)
      for (const listener of listeners) listener(change.head)
      return answer
    },
    follow(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    close: async () => {},
    fleet: {
      async lease(ask, signal) {
        const answer = await records.fleet!.lease(ask, signal)
        if (answer.isMine) leader = ask.id
        if (answer.isMine) checks.led()
        return answer
      },
      async keep(body, tag, lease, signal) {
        const asked = askNobody()
        const answer = await records.fleet!.keep(body, tag, lease, signal)
        if (answer !== 'kept') return answer
        checks.lease('a body', lease, await asked)
        await took(body)
        return answer
      },
      async publish(report, knownTag, signal) {
        checks.report(report, knownTag)
        const { lives } = await counts.fleet!.publish(report, null, signal)
        if ((head?.tag ?? null) === knownTag) return { lives }
        return { lives, head: head ?? null }
      },
      collect: (...asked) => counts.fleet!.collect(...asked),
      members: (signal) => counts.fleet!.members(signal),
    },
    empty() {
      losses.rollout += 1
      records = sharedMemoryStore({ clock })
      counts = sharedMemoryStore({ clock })
      head = undefined
    },
    async putBack(writesAgo) {
      const earlier = snapshots.at(-1 - writesAgo) ?? snapshots[0]
      if (earlier === undefined) return
      losses.rollout += 1
      records = sharedMemoryStore({ clock })
      head = earlier.head
      isBodyLost = false
      await putBack(records, earlier)
    },
    loseBody() {
      losses.body += 1
      isBodyLost = true
    },
    loseReports() {
      losses.reports += 1
      counts = sharedMemoryStore({ clock })
    },
    loseLease,
    async steal() {
      await loseLease()
      await records.fleet!.lease({ id: `thief ${clock.elapsed()}`, ttlMs: 10_000, leastFence: 0 }, never)
    },
  }
}
