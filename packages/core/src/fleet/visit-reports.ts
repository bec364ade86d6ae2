import { isRecord } from '../foundation/options.js'
import type { Variant } from '../foundation/vocabulary.js'
import { BETWEEN_TEXTS, type PackedReport } from '../rollout/fleet.js'
import { isCount } from '../rollout/stored-forms.js'
import { wrongAnswer } from './store-answers.js'

/** The latest reports of all processes in one stay. */
export interface VisitReports {
  /** Keeps a report as a store returned it, unless the process has a later one. */
  take(report: unknown): void
  /** Adds the step's counts of every process. Returns the number of processes that were added. */
  addFast(add: AddText): number
  /** The same for the counts by key, which not every process has sent. */
  addKeyed(add: AddText): number
  /** The same for all that was served, which not every process has sent. */
  addServed(add: AddText): number
  /** The same for what was counted by routing bucket of a version, which not every process has sent. */
  addStrata(variant: Variant, add: AddText): number
}

/** Adds a text to a sum. Returns false, and changes nothing, if the text is damaged. */
export type AddText = (text: string) => boolean

/** The options of {@link createVisitReports}. */
export interface VisitReportsOptions {
  /** The most processes that are kept. Reports of further ones are ignored. */
  readonly mostProcesses: number
  /** Called with the id of a process that sent a damaged text, once for each process. */
  readonly onDamaged: (id: string) => void
  /** Called once, when a process is ignored because there are too many. */
  readonly onTooMany: () => void
}

/** A text of a process: the latest one that could be added, and one that came since and was not tried yet. */
interface KeptText {
  good?: string
  fresh?: string | undefined
}

/** The texts of a report in {@link Report.slow}, in their order. */
const SLOW = ['keyed', 'served', 'baseline', 'canary'] as const

type Which = 'fast' | (typeof SLOW)[number]

interface KeptReport extends Readonly<Record<Which, KeptText>> {
  seq: number
}

/**
 * Creates the reports of a stay without processes. In place of a damaged text, the last good one of the process stays
 * in the sum, so that the sum does not fall.
 */
export function createVisitReports({ mostProcesses, onDamaged, onTooMany }: VisitReportsOptions): VisitReports {
  const reports = new Map<string, KeptReport>()
  const damaged = new Set<string>()
  let isFull = false

  const tellDamaged = (id: string): void => {
    if (damaged.has(id)) return
    damaged.add(id)
    onDamaged(id)
  }
  const tellFull = (): void => {
    if (!isFull) onTooMany()
    isFull = true
  }
  const keep = ({ id, seq, fast, slow }: PackedReport): void => {
    const before = reports.get(id)
    const isOneTooMany = before === undefined && reports.size >= mostProcesses
    if (isOneTooMany) tellFull()
    if (isOneTooMany || (before !== undefined && before.seq >= seq)) return
    const kept = before ?? { seq, fast: {}, keyed: {}, served: {}, baseline: {}, canary: {} }
    kept.seq = seq
    kept.fast.fresh = fast
    const texts = slow?.split(BETWEEN_TEXTS) ?? []
    for (const [at, which] of SLOW.entries()) if (texts[at]) kept[which].fresh = texts[at]
    reports.set(id, kept)
  }
  const addAll = (which: Which, add: AddText): number => {
    let added = 0
    for (const [id, report] of reports) {
      if (!addOne(report[which], add)) tellDamaged(id)
      if (report[which].good !== undefined) added += 1
    }
    return added
  }

  return {
    take(report) {
      if (!isRecord(report) || typeof report.id !== 'string') throw wrongAnswer('collect', report, 'with reports')
      if (isReport(report)) keep(report)
      else tellDamaged(report.id)
    },
    addFast: (add) => addAll('fast', add),
    addKeyed: (add) => addAll('keyed', add),
    addServed: (add) => addAll('served', add),
    addStrata: addAll,
  }
}

/** Adds the latest good text of a process. Returns false if a new one was damaged. */
function addOne(text: KeptText, add: AddText): boolean {
  const { fresh } = text
  text.fresh = undefined
  if (fresh !== undefined && add(fresh)) {
    text.good = fresh
    return true
  }
  if (text.good !== undefined) add(text.good)
  return fresh === undefined
}

function isReport(value: Readonly<Record<string, unknown>>): value is Readonly<Record<string, unknown>> & PackedReport {
  const { seq, fast, slow } = value
  return isCount(seq) && typeof fast === 'string' && (slow === undefined || typeof slow === 'string')
}
