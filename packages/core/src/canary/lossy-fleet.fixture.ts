import type { ManualClock } from '@model-canary/testing'
import { sharedMemoryStore } from '../controller/shared-memory-store.js'
import { never, putBack } from '../controller/stored.fixture.js'
import { type ByVariant, VARIANTS, type Variant } from '../foundation/vocabulary.js'
import type { Decision } from '../rollout/decision.js'
import type { LeaseAnswer, Report } from '../rollout/fleet.js'
import { compareRollouts, rankOf } from '../rollout/order.js'
import type { Body, Head, Records, Visit } from '../rollout/records.js'
import type { RecordWrite, StateStore } from '../rollout/store.js'
import { createCountsSum } from '../summaries/counts-sum.js'

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
  readonly losses: { rollout: number; body: number; reports: number }
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

/** What a process has reported of a stay. */
interface Reported {
  readonly seq: number
  readonly begun: ByVariant<number>
  /** Of the same stay before the process counted it anew, because the store went back to it. */
  readonly before: ByVariant<number>
}

function readReport({ fast, seq }: Report, last: Reported | undefined): Reported {
  const sum = createCountsSum({ maxLabels: 8, maxMetrics: 8 })
  sum.add(fast)
  const { baseline, canary } = sum.counts()
  const begun = { baseline: baseline.begun, canary: canary.begun }
  const before = last?.before ?? { baseline: 0, canary: 0 }
  if (last === undefined || VARIANTS.every((arm) => begun[arm] >= last.begun[arm])) return { seq, begun, before }
  const sumOf = (arm: Variant): number => before[arm] + last.begun[arm]
  return { seq, begun, before: { baseline: sumOf('baseline'), canary: sumOf('canary') } }
}

const INTERVAL_MS = 15_000

const keyOf = ({ epoch, visit }: Visit): string => `${epoch}.${visit}`

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

/** Checks what is written by what was reported and written before. */
function createWriteChecks(clock: ManualClock, losses: LossyFleetStore['losses']) {
  const violations: string[] = []
  const knownTags = new Map<string, string | null>()
  const visitsOf = new Map<string, Set<number>>()
  const reports = new Map<string, Map<string, Reported>>()
  const openedAt = new Map<string, number>() // in watched time
  let watchedMs = 0
  const decided = new Set<string>()
  let ledUntil = 0
  let last: Body | undefined
  const wrong = (sentence: string): void => void violations.push(`${clock.elapsed() / 1_000} s: ${sentence}`)

  const published: LossyFleetStore['published'] = (visit, ids) => {
    const total = { baseline: 0, canary: 0 }
    for (const [id, { begun, before }] of reports.get(keyOf(visit)) ?? []) {
      if (!(ids?.includes(id) ?? true)) continue
      for (const arm of VARIANTS) total[arm] += begun[arm] + before[arm]
    }
    return total
  }
  const lease = (
    what: string,
    held: { id: string; fence: number } | undefined,
    { holder, fence }: LeaseAnswer,
  ): void => {
    if (held?.id !== holder || held?.fence !== fence) wrong(`${what} was written without the lease in force`)
  }
  const isNew = (decision: Decision): boolean => {
    const key = JSON.stringify({ ...decision, sequence: 0 })
    const isKnown = decided.has(key)
    decided.add(key)
    return !isKnown
  }

  return {
    ...{ violations, knownTags, visitsOf, published, lease },
    tick(): void {
      if (ledUntil >= clock.elapsed()) watchedMs += 1_000
    },
    led(): void {
      ledUntil = clock.elapsed() + 10_000
    },
    report(report: Report, knownTag: string | null): void {
      knownTags.set(report.id, knownTag)
      const ofVisit = reports.get(keyOf(report)) ?? new Map<string, Reported>()
      reports.set(keyOf(report), ofVisit)
      const last = ofVisit.get(report.id)
      if (last === undefined || last.seq < report.seq) ofVisit.set(report.id, readReport(report, last))
    },
    write({ head, decisions = [], lease: held }: RecordWrite, before: Head | undefined, asked: LeaseAnswer): void {
      const { epoch, step, visit } = head.route
      const stay = `${epoch}/${step}`
      if (!openedAt.has(keyOf(head.route))) openedAt.set(keyOf(head.route), watchedMs)
      visitsOf.set(stay, (visitsOf.get(stay) ?? new Set<number>()).add(visit))
      const isRaise = ({ actor, now, weight }: Decision): boolean => actor === 'judge' && now.weight > weight
      if (decisions.filter(isNew).some(isRaise)) lease('a promotion of the judge', held, asked)
      if (before === undefined) return
      if (compareRollouts(rankOf(head), rankOf(before)) <= 0)
        wrong(`the store went down from ${before.tag} to ${head.tag}`)
      if (head.switch.n < before.switch.n) wrong('the store forgot a kill switch')
    },
    body(body: Body): void {
      const { cumulative, state, of } = body
      const lost = losses.rollout + losses.reports + losses.body
      const reported = published(of)
      for (const arm of VARIANTS) {
        const counted = cumulative?.[arm].begun ?? 0
        if (counted > reported[arm]) wrong(`${counted} requests were counted of ${reported[arm]} reported ones`)
        if (state.requests[arm] > reported[arm]) {
          wrong(`the evidence has ${state.requests[arm]} requests of ${reported[arm]} reported ones`)
        }
        const isNext = lost === 0 && last !== undefined && keyOf(last.of) === keyOf(of)
        if (isNext && counted < (last!.cumulative?.[arm].begun ?? 0)) wrong('the counts of a stay have fallen')
      }
      last = body
      const atMostMs = watchedMs - (openedAt.get(keyOf(of)) ?? watchedMs) + 1_000 + INTERVAL_MS
      if (state.elapsedInStepMs > atMostMs) {
        wrong(`${state.elapsedInStepMs} ms in step were counted, of ${atMostMs} ms that a leader watched`)
      }
    },
  }
}
