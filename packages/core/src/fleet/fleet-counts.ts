import { isRecord } from '../foundation/options.js'
import type { ByVariant } from '../foundation/vocabulary.js'
import type { Counts } from '../rollout/counts.js'
import type { Fleet } from '../rollout/fleet.js'
import { textOfVisit, type Visit } from '../rollout/records.js'
import type { Clock } from '../runtime/clock.js'
import { withDeadline } from '../runtime/deadline.js'
import type { Clusters } from '../summaries/clusters.js'
import type { Summary } from '../summaries/summary.js'
import { wrongAnswer } from './store-answers.js'
import { type AddText, createVisitReports, type VisitReports } from './visit-reports.js'

/** The counts of all processes of a rollout. */
export interface FleetCounts {
  /**
   * Reads what the processes have reported since the last call, and returns the sum of their latest reports in this
   * stay; `'no-data'` if there is no report that can be read. Rejects if the store fails or answers in a wrong form.
   */
  collect(visit: Visit, signal: AbortSignal): Promise<Counts | 'no-data'>
  /** Returns all that the collected processes have served in this stay; `undefined` if nothing is known of it. */
  served(visit: Visit): (Pick<VisitReports, 'addStrata'> & { readonly counts: ByVariant<Summary> }) | undefined
}

/** A sum of packed texts. */
export interface TextSum {
  readonly add: AddText
  /** Begins a new sum. */
  clear(): void
}

/** The sum of the step's counts. */
export interface StepSum extends TextSum {
  counts(): ByVariant<Summary>
}

/** The sum of the counts of the baseline by key. */
export interface KeyedSum extends TextSum {
  /** `null` without any. */
  clusters(): Clusters | null
}

/** The options of {@link createFleetCounts}. */
export interface FleetCountsOptions {
  readonly fleet: Pick<Fleet, 'collect'>
  readonly clock: Clock
  /** The limit of one call of the store, in milliseconds. A collection may take several. */
  readonly timeoutMs: number
  /** Creates the sum of a stay, which is cleared before each use. */
  readonly sum: () => StepSum
  /** The same for the counts by key. Without it, there are no clusters. */
  readonly keyedSum?: () => KeyedSum
  /** Called with the id of a process whose report is damaged, once for each process and stay. */
  readonly onDamaged: (id: string) => void
  /** Called once for a stay in which more processes have reported than are counted. */
  readonly onTooMany: (mostProcesses: number) => void
  /** 20,000 unless given. */
  readonly mostProcesses?: number
}

/** What is known about a stay. */
interface Known {
  readonly key: string
  readonly reports: VisitReports
  readonly sum: StepSum
  readonly keyedSum: KeyedSum | undefined
  cursor: string
}

/** Creates the counts of a fleet from which nothing was read yet. */
export function createFleetCounts(options: FleetCountsOptions): FleetCounts {
  const { fleet, clock, timeoutMs, mostProcesses = 20_000, onDamaged, onTooMany } = options
  let known: Known | undefined

  const knownOf = (visit: Visit): Known => {
    const key = textOfVisit(visit)
    if (known?.key === key) return known
    const reports = createVisitReports({ mostProcesses, onDamaged, onTooMany: () => onTooMany(mostProcesses) })
    return { key, reports, sum: options.sum(), keyedSum: options.keyedSum?.(), cursor: '' }
  }

  /** Reads all pages from the cursor on. Returns how many reports they held. */
  const readOn = async (from: Known, visit: Visit, signal: AbortSignal): Promise<number> => {
    for (let read = 0; ; ) {
      const { cursor } = from
      const call = (own: AbortSignal) => fleet.collect(visit, cursor, own)
      const page = readPage(await withDeadline(clock, timeoutMs, call, signal), cursor)
      for (const report of page.reports) from.reports.take(report)
      read += page.reports.length
      from.cursor = page.cursor
      if (!page.isMore || read > 2 * mostProcesses) return read // the next call goes on from this cursor
    }
  }
  const readAll = async (from: Known, visit: Visit, signal: AbortSignal): Promise<void> => {
    const { cursor } = from
    try {
      if ((await readOn(from, visit, signal)) > 0 || cursor === '') return
      from.cursor = '' // perhaps the store lost its reports, and counts its cursors from the beginning again
      await readOn(from, visit, signal)
    } catch (cause) {
      from.cursor = ''
      throw cause
    }
  }

  return {
    async collect(visit, signal) {
      const from = knownOf(visit)
      known = from
      await readAll(from, visit, signal)
      return sumOf(from)
    },
    served(visit) {
      const { reports, sum } = knownOf(visit)
      sum.clear()
      const { addStrata } = reports
      return reports.addServed(sum.add) > 0 ? { counts: sum.counts(), addStrata } : undefined
    },
  }
}

function sumOf({ reports, sum, keyedSum }: Known): Counts | 'no-data' {
  sum.clear()
  if (reports.addFast(sum.add) === 0) return 'no-data'
  keyedSum?.clear()
  if (keyedSum) reports.addKeyed(keyedSum.add)
  return { ...sum.counts(), clusters: keyedSum?.clusters() ?? null, isShared: true }
}

/** Reads a page of reports; throws `STORE_FAILED` if it has the wrong form, or promises more without going on. */
function readPage(answer: unknown, after: string): Awaited<ReturnType<Fleet['collect']>> {
  const [call, form] = ['collect', 'with { reports, cursor, isMore }']
  if (!isRecord(answer) || !Array.isArray(answer.reports)) throw wrongAnswer(call, answer, form)
  const { reports, cursor, isMore } = answer
  if (typeof cursor !== 'string' || typeof isMore !== 'boolean') throw wrongAnswer(call, answer, form)
  if (isMore && (cursor === after || reports.length === 0)) throw wrongAnswer(call, answer, 'with a later cursor')
  return { reports, cursor, isMore }
}
