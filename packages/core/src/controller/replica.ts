import { createLeadership } from '../fleet/leadership.js'
import { createMembership, type Membership } from '../fleet/membership.js'
import { createPublishing } from '../fleet/publishing.js'
import { LIBRARY_VERSION } from '../foundation/library-version.js'
import type { ByVariant } from '../foundation/vocabulary.js'
import type { Fleet, Lease, Member, Report } from '../rollout/fleet.js'
import { countMembers, type FleetMembers } from '../rollout/fleet-members.js'
import { type Head, textOfVisit, type Visit } from '../rollout/records.js'
import { isLive, shareOf } from '../rollout/state.js'
import type { StoredRollout } from '../rollout/stored-rollout.js'
import { uniqueId } from '../runtime/unique-id.js'
import type { Clusters } from '../summaries/clusters.js'
import type { Summary } from '../summaries/summary.js'
import type { ControllerParts } from './controller-parts.js'
import { createFleetCollection } from './fleet-collection.js'
import { createFleetSource, type FleetSource } from './fleet-source.js'
import { createHandover } from './handover.js'
import { createIsolation } from './isolation.js'
import type { Judging } from './ledger.js'
import type { ReplicaCounts } from './reported-counts.js'
import type { Served } from './served-windows.js'

/** This process as one of several that run a rollout. */
export interface Replica {
  /** By which the others know this process: another one after each restart. */
  readonly id: string
  /** The right of this process to judge. */
  readonly judging: Judging
  /** True if this process may judge and nobody else is known to: the lease is lost, or the store cannot be asked. */
  readonly isLeft: boolean
  /** The counts of all processes; `undefined` where the source counts for all of them itself. */
  readonly source: FleetSource | undefined
  /** Reads what all processes have served in this stay; left out where the requests are not counted in a process. */
  readonly served: ((signal: AbortSignal) => Promise<Served | undefined>) | undefined
  /** Reads what all processes have served in a stay, also in one that has ended; left out where `served` is. */
  readonly servedIn: ((of: Visit, signal: AbortSignal) => Promise<ByVariant<Summary> | undefined>) | undefined
  /** Records whether the source had counts at a look. The lease is returned when one that counts for all shows none. */
  looked(hasCounts: boolean): void
  /** Returns how many processes there are; `null` if that is not known. The store is asked in the background. */
  counted(): FleetMembers | null
  /** The processes that report. */
  readonly members: Membership
  /** The most processes that have reported in an epoch; `undefined` before the first answer of the store. */
  readonly lives: number | undefined
  /** Reports, and stands as a leader. Resolves when it is known whether this process leads. */
  start(): Promise<void>
  /** Reports now. Resolves when that is done or has failed. */
  report(): Promise<void>
  /** Reports a last time, and returns the lease. */
  stop(): Promise<void>
}

/** The options of {@link createReplica}. */
export interface ReplicaOptions {
  readonly parts: ControllerParts
  readonly fleet: Fleet
  readonly current: () => StoredRollout
  /** Returns whether this process may judge the rollout. */
  readonly mayLead: () => boolean
  /** Called with a head that the store has shown; with `null` if the store is empty. */
  readonly hear: (head: Head | null) => void
  /** Called when this process has become the leader, or is no longer. */
  readonly onLeads: (isLeader: boolean) => void
  readonly onStoreFailure: (cause: unknown) => void
  /** Called with `null` when the store has taken a report, and with an error when it was silent for a while. */
  readonly onReport: (failure: unknown) => void
  /** Called with one sentence for a person. */
  readonly onAlert: (message: string) => void
}

/** The time between two reports while the rollout is live, in milliseconds. */
const LIVE_MS = 1_000

/** The time between two reports otherwise, and between two reports of what changes slowly, in milliseconds. */
const SLOW_MS = 15_000

/** Creates a replica that neither reports nor leads yet. */
export function createReplica(options: ReplicaOptions): Replica {
  const { parts, fleet, current } = options
  const { rollout, replica: counts } = parts
  const { clock, storeTimeoutMs: timeoutMs } = rollout
  const id = uniqueId()
  let lives: number | undefined
  let hasLeft = false

  const handover = counts ? undefined : createHandover(clock) // the counts of all come from the store, as the lease does
  const mayLead = (): boolean => options.mayLead() && handover?.isDue !== true
  const { leadership, leader } = createLeading(id, { ...options, mayLead })
  const own = (): Member => ({ ...memberOf(id, counts, options), ...(hasLeft && { hasLeft }) })
  const onLives = (seen: number) => (lives = Math.max(seen, lives ?? 0)) // a store may lose what it counted
  const publishing = counts && createReporting({ id, own, onLives }, counts, options)
  const members = createMembership({ fleet, clock, timeoutMs, own })
  const report = async (): Promise<void> => publishing?.now()
  const ofAll = counts && sumsOf(options, report)

  return {
    ...{ id, members, report },
    judging: {
      get lease(): Lease | undefined {
        return mayLead() ? leadership.lease : undefined
      },
      lost: () => leadership.lost(),
    },
    get isLeft() {
      return mayLead() && !leadership.isHeld
    },
    looked: (hasCounts) => handover?.looked(hasCounts),
    counted() {
      members.refresh()
      return members.known && countMembers(members.known, current().tag, leader())
    },
    ...{ source: ofAll?.source, served: ofAll?.served, servedIn: ofAll?.servedIn },
    get lives() {
      return lives
    },
    async start() {
      publishing?.start()
      await leadership.start()
    },
    async stop() {
      hasLeft = true
      await Promise.all([publishing?.stop(), leadership.stop()])
    },
  }
}

/** Creates the part that reports what this process has counted, and hears what the store answers. */
function createReporting(
  { id, own, onLives }: { readonly id: string; own(): Member; onLives(lives: number): void },
  counts: ReplicaCounts,
  options: ReplicaOptions,
) {
  const { parts, fleet, current, onReport } = options
  const { clock, storeTimeoutMs: timeoutMs } = parts.rollout
  const reports = createReports(own, counts, options)
  const isolation = counts.isolation && createIsolation(counts.isolation, clock, parts.alerts)
  let failure: unknown
  return createPublishing({
    ...{ fleet, id, clock, timeoutMs, onLives },
    everyMs: () => (isLive(current().state) ? LIVE_MS : SLOW_MS),
    report: reports.next,
    ended: () => counts.ended[0],
    knownTag: () => current().tag || null,
    onHead: options.hear,
    onFailure(cause) {
      failure = cause
      isolation?.failed()
    },
    onAnswer() {
      isolation?.answered()
      onReport(null)
    },
    onStored: reports.stored,
    onEndedStored(report) {
      if (counts.ended[0] === report) counts.ended.shift()
    },
    onSilent: () => onReport(failure ?? undefined),
  })
}

/** Creates the leadership, and the function that returns who leads; `null` if that is not known. */
function createLeading(id: string, options: ReplicaOptions) {
  const { parts, fleet, current, mayLead, onLeads, onStoreFailure } = options
  const { clock, storeTimeoutMs: timeoutMs } = parts.rollout
  let holder: string | null = null
  let fence = 0
  const others = (): string | null => (holder === id ? null : holder)
  const leadership = createLeadership({
    ...{ fleet, id, clock, timeoutMs, mayLead },
    leastFence: () => current().fence,
    onChange(isLeader) {
      fence = leadership.lease?.fence ?? fence
      parts.events.emit('leader', { at: clock.now(), isLeader, fence, holder: isLeader ? id : others() })
      onLeads(isLeader)
    },
    onHolder: (seen) => (holder = seen),
    onFailure: (cause) => (parts.replica ? undefined : onStoreFailure(cause)), // otherwise the reports say it
  })
  return { leadership, leader: () => (leadership.lease ? 'this process' : others()) }
}

/** Returns what a process says of itself. One without counts of its own has no canary to warm. */
function memberOf(id: string, counts: ReplicaCounts | undefined, { parts, current }: ReplicaOptions): Member {
  const { config } = parts.rollout
  const { tag, state } = current()
  const isWarm = counts ? counts.isWarm() : null
  const weight = parts.inForceHere?.().weight ?? shareOf(state)
  return { id, config, isWarm, weight, library: LIBRARY_VERSION, tag: tag || null }
}

/** Creates the reports of this process. What changes slowly is in the first one of a stay, and in one every 15 s. */
function createReports(member: () => Member, counts: ReplicaCounts, { parts }: ReplicaOptions) {
  const { clock } = parts.rollout
  let slowAt = Number.NEGATIVE_INFINITY
  let slowOf = ''
  let madeAt = 0
  return {
    /** Returns what is true now. */
    next(): Omit<Report, 'id' | 'seq'> {
      const fast = counts.fast()
      madeAt = clock.elapsed()
      const said = member()
      const isSlowDue = said.hasLeft || slowOf !== textOfVisit(fast) || madeAt - slowAt >= SLOW_MS
      return { ...fast, member: said, ...(isSlowDue && { slow: counts.slow() }) }
    },
    /** Records that the store has one of them. */
    stored({ slow, ...stay }: Report): void {
      if (slow === undefined) return
      slowAt = madeAt
      slowOf = textOfVisit(stay)
    },
  }
}

function sumsOf(
  { parts, fleet, onAlert, current }: ReplicaOptions,
  publish: () => Promise<void>,
): { readonly source: FleetSource } & Pick<Replica, 'served' | 'servedIn'> {
  const { clock, storeTimeoutMs: timeoutMs } = parts.rollout
  const { collect, served } = createFleetCollection({
    ...{ fleet, clock, timeoutMs },
    onDamaged: (id) => onAlert(`the latest counts of process ${id} cannot be read; its earlier ones stay counted`),
    onTooMany: (most) => onAlert(`more than ${most} processes have reported; the counts of further ones are left out`),
  })
  const counted = ({ epoch, visit }: Visit) => {
    const { state, cumulative } = current()
    return state.epoch === epoch && state.visit === visit ? cumulative : null
  }
  let clusters: Clusters | null | undefined
  const calibrate = () => ({ ...parts.source.calibrate?.(), ...(clusters && { clusters }) })
  const own = { ...parts.source, ...(parts.source.calibrate && { calibrate }) }
  return {
    source: createFleetSource({ own, publish, collect, clock, counted, onLost: onAlert }),
    async served(signal) {
      const { epoch, visit } = current().state
      const of = { epoch, visit }
      const found = await collect(of, signal)
      if (found !== 'no-data') clusters = found.clusters
      const report = served(of)
      return report && { of, ...report }
    },
    async servedIn(of, signal) {
      await collect(of, signal)
      return served(of)?.counts
    },
  }
}
