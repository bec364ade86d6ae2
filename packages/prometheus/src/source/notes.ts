import type { SourceNote } from '@model-canary/core/controller'
import { shown } from './answer.js'
import { ARMS, type Counted, scrapeIntervalOf } from './count-rounds.js'
import type { PlannedQuery } from './plan.js'

/** The state from which a source's notes are written. */
export interface NotesFrom {
  readonly progress: Counted & { readonly readTo: number }
  readonly plans: Readonly<Record<(typeof ARMS)[number], readonly PlannedQuery[]>>
  /** When the weight came into force. */
  readonly zeroAt: number
  /** The interval between the latest two reads, in milliseconds; `null` before the second. */
  readonly lookMs: number | null
}

/** The assumed scrape interval while it is not known, in milliseconds. */
const FIRST_SCRAPE_MS = 60_000

/** Returns notes for people: arms without series, excluded periods, and how late the counts are. */
export function notesOf({ progress, plans, zeroAt, lookMs }: NotesFrom): readonly SourceNote[] {
  const intervals = ARMS.map((arm) => scrapeIntervalOf(progress[arm]) ?? 0)
  const everyMs = Math.max(...intervals)
  const notes: SourceNote[] = []
  for (const arm of ARMS) {
    if (progress[arm].newestAt !== Number.NEGATIVE_INFINITY) continue
    const patienceMs = arm === 'baseline' ? 0 : 2 * (everyMs || FIRST_SCRAPE_MS)
    if (progress.readTo - zeroAt < patienceMs) continue // a version's series may appear only with its first request
    const text = plans[arm].find(({ kind }) => kind === 'requests')?.text ?? ''
    notes.push({
      id: `nothing-${arm}`,
      message: `no series matches the requests of ${arm}, ${shown(text)}: check its name and labels, and whether it is scraped`,
      isTrouble: true,
    })
  }
  const { lost, lostCount } = progress
  if (lost !== null) {
    const often = lostCount === 1 ? 'one period was' : `${lostCount} periods were`
    const when = `${timeOf(lost.fromAt)} to ${timeOf(lost.toAt)} UTC`
    notes.push({
      id: 'left-out',
      message: `${often} excluded from both arms in this step, the latest from ${when}: ${lost.why}`,
      isTrouble: true,
    })
  }
  if (lookMs !== null && everyMs > 1.5 * lookMs) {
    const late = `events are seen up to ${inSeconds(2 * everyMs + lookMs)} late`
    notes.push({
      id: 'pace',
      message: `Prometheus scrapes every ${inSeconds(everyMs)} and is read every ${inSeconds(lookMs)}: most reads find nothing new, and ${late}`,
      isTrouble: false,
    })
  }
  return notes
}

const inSeconds = (ms: number): string => `${Math.round(ms / 100) / 10} s`

/** The time of day, to the second. */
function timeOf(at: number): string {
  const seconds = Math.floor(at / 1_000)
  const parts = [Math.floor(seconds / 3_600) % 24, Math.floor(seconds / 60) % 60, seconds % 60]
  return parts.map((part) => String(part).padStart(2, '0')).join(':')
}
