import type { Fleet, Lease, PackedReport, Report, SeenMember } from '../rollout/fleet.js'
import { textOfVisit } from '../rollout/records.js'
import type { StateStore } from '../rollout/store.js'
import { type Clock, systemClock } from '../runtime/clock.js'
import { createRecordKeeper, keepAsJson, type RecordKeeper } from './record-keeper.js'

/** The most reports that one `collect` returns. */
const MOST_COLLECTED = 500

/** The most stays whose reports are kept. */
const MOST_VISITS = 16

/** The age from which a member is no longer listed, in milliseconds. */
const MEMBER_MS = 60_000

/**
 * Creates a store in this process's memory for several canaries of one rollout, as if they were replicas: for tests and
 * simulations of a service that runs as several processes. Nothing survives the process.
 *
 * Reads and writes copy as JSON, as a store across the network does.
 *
 * @example
 * const store = sharedMemoryStore()
 * const replicas = [1, 2, 3].map(() => createCanary({ name: 'sentiment', versions: { baseline: 'v1', canary: 'v2' }, store }))
 */
export function sharedMemoryStore({ clock = systemClock }: { readonly clock?: Clock } = {}): StateStore {
  const keeper = createRecordKeeper(keepAsJson)
  const leases = createLeases(clock, () => keeper.head?.fence ?? 0)
  let points: string | null = null

  return {
    load: async () => keeper.read(),
    write: async (change) => keeper.write(change, () => leases.isInForce(change.lease!)),
    follow: keeper.follow,
    close: async () => {},
    points: {
      load: async () => points,
      async keep(text, lease) {
        if (lease && !leases.isInForce(lease)) return 'deposed'
        points = text
        return 'kept'
      },
    },
    fleet: {
      lease: async (ask) => leases.ask(ask),
      async keep(next, tag, lease) {
        if (!leases.isInForce(lease)) return 'deposed'
        if (keeper.tag !== tag) return 'moved'
        keeper.keepBody(next)
        return 'kept'
      },
      ...createReports(clock, keeper),
    },
  }
}

const copied = <Value>(value: Value): Value => JSON.parse(JSON.stringify(value))

/** Creates the lease of one rollout. `leastFence` returns the highest fence that is stored with the rollout. */
function createLeases(clock: Clock, leastFence: () => number) {
  let fence = 0
  let held: { readonly id: string; readonly until: number } | undefined
  const isFree = (): boolean => held === undefined || clock.elapsed() >= held.until

  return {
    isInForce: (lease: Lease): boolean => !isFree() && held?.id === lease.id && fence === lease.fence,
    ask(ask: Parameters<Fleet['lease']>[0]): Awaited<ReturnType<Fleet['lease']>> {
      const isHolder = !isFree() && held?.id === ask.id
      if ('release' in ask) {
        if (isHolder) held = undefined
      } else if (isFree() || isHolder) {
        if (!isHolder) fence = Math.max(fence, leastFence(), ask.leastFence) + 1
        held = { id: ask.id, until: clock.elapsed() + ask.ttlMs }
      }
      const holder = isFree() ? null : held!.id
      const leftMs = holder === null ? 0 : held!.until - clock.elapsed()
      return { isMine: holder === ask.id, fence, holder, leftMs }
    },
  }
}

/** The report of a process, and when it came in. */
interface Kept {
  readonly report: PackedReport
  readonly turn: number
}

/** Creates the counts and the members of one rollout. */
function createReports(
  clock: Clock,
  keeper: Pick<RecordKeeper, 'tag' | 'head'>,
): Pick<Fleet, 'publish' | 'collect' | 'members'> {
  const visits = new Map<string, Map<string, Kept>>()
  const lives = new Map<number, Set<string>>()
  const members = new Map<
    string,
    { readonly member: Omit<SeenMember, 'ageMs'>; readonly seq: number; readonly at: number }
  >()
  let turn = 0

  const keep = ({ id, seq, fast, slow, ...visit }: Report): void => {
    const reports = entryOf(visits, textOfVisit(visit), () => new Map<string, Kept>())
    if (visits.size > MOST_VISITS) visits.delete([...visits.keys()][0]!)
    const before = reports.get(id)?.report
    if (before !== undefined && before.seq >= seq) return
    const slowly = slow ?? before?.slow
    reports.set(id, { report: { id, seq, fast, ...(slowly !== undefined && { slow: slowly }) }, turn: ++turn })
  }

  return {
    async publish(report, knownTag) {
      keep(report)
      const before = members.get(report.id)
      const isNewest = before === undefined || report.seq > before.seq
      const member = (isNewest ? report.member : undefined) ?? before?.member
      const seq = Math.max(report.seq, before?.seq ?? report.seq)
      if (member !== undefined) members.set(report.id, { member: copied(member), seq, at: clock.elapsed() })
      const known = entryOf(lives, report.epoch, () => new Set<string>()).add(report.id)
      return { lives: known.size, ...(keeper.tag !== knownTag && { head: keeper.head ?? null }) }
    },
    async collect(visit, cursor) {
      const after = Number(cursor)
      const news = [...(visits.get(textOfVisit(visit))?.values() ?? [])]
        .filter((kept) => kept.turn > after)
        .sort((a, b) => a.turn - b.turn)
      const page = news.slice(0, MOST_COLLECTED)
      return {
        reports: page.map(({ report }) => report),
        cursor: `${page.at(-1)?.turn ?? after}`,
        isMore: news.length > page.length,
      }
    },
    async members() {
      for (const [id, { at }] of members) if (clock.elapsed() - at > MEMBER_MS) members.delete(id)
      return [...members.values()].map(({ member, at }) => ({ ...member, ageMs: clock.elapsed() - at }))
    },
  }
}

/** Returns the value of a key, which is made if it is missing. */
function entryOf<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const known = map.get(key)
  if (known !== undefined) return known
  const made = make()
  map.set(key, made)
  return made
}
