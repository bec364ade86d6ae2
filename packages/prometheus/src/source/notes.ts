import type { SourceNote } from '@model-canary/core/controller'
import { shown } from './answer.js'
import { ARMS, type Counted, scrapeIntervalOf } from './count-rounds.js'
import type { PlannedQuery } from './plan.js'

/** What the notes of a source are made of. */
export interface NotesFrom {
  readonly progress: Counted & { readonly readTo: number }
  readonly plans: Readonly<Record<(typeof ARMS)[number], readonly PlannedQuery[]>>
  /** When the weight came into force. */
  readonly zeroAt: number
  /** The distance of the latest two reads, in milliseconds; `null` before the second. */
  readonly lookMs: number | null
}

/** How long a canary without a series is waited for where no scrape interval is known, in milliseconds. */
const FIRST_SCRAPE_MS = 60_000

/** What a person should know of these counts: what is not seen, what was left out, how late they come. */
export function notesOf({ progress, plans, zeroAt, lookMs }: NotesFrom): readonly SourceNote[] {
  const intervals = ARMS.map((arm) => scrapeIntervalOf(progress[arm]) ?? 0)
  const everyMs = Math.max(...intervals)
  const notes: SourceNote[] = []
  for (const arm of ARMS) {
    if (progress[arm].newestAt !== Number.NEGATIVE_INFINITY) continue
    const patienceMs = arm === 'baseline' ? 0 : 2 * (everyMs || FIRST_SCRAPE_MS)
    if (progress.readTo - zeroAt < patienceMs) continue // series of a version may begin with its first request
    const text = plans[arm].find(({ kind }) => kind === 'requests')?.text ?? ''
    notes.push({
      id: `nothing-${arm}`,
      message: `nothing matches the requests of ${arm}, ${shown(text)}: see its names and labels, and whether it is scraped`,
      isTrouble: true,
    })
  }
  const { lost, lostCount } = progress
  if (lost !== null) {
    const often = lostCount === 1 ? 'a time was' : `${lostCount} times were`
    const when = `${timeOf(lost.fromAt)} to ${timeOf(lost.toAt)} UTC`
    notes.push({
      id: 'left-out',
      message: `${often} left out in this step, in both arms, the latest from ${when}: ${lost.why}`,
      isTrouble: true,
    })
  }
  if (lookMs !== null && everyMs > 1.5 * lookMs) {
    const late = `what happens is seen up to ${inSeconds(2 * everyMs + lookMs)} later`
    notes.push({
      id: 'pace',
      message: `Prometheus scrapes every ${inSeconds(everyMs)} and is looked at every ${inSeconds(lookMs)}: most looks find nothing new, and ${late}`,
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
