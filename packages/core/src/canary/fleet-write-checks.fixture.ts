import type { ManualClock } from '@model-canary/testing'
import { type ByVariant, VARIANTS, type Variant } from '../foundation/vocabulary.js'
import type { Decision } from '../rollout/decision.js'
import type { LeaseAnswer, Report } from '../rollout/fleet.js'
import { compareRollouts, rankOf } from '../rollout/order.js'
import { type Body, type Head, textOfVisit, type Visit } from '../rollout/records.js'
import type { RecordWrite } from '../rollout/store.js'
import { createCountsSum } from '../summaries/counts-sum.js'

/** How often a store has lost each kind of data. */
export interface Losses {
  rollout: number
  body: number
  reports: number
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

/** Checks what is written by what was reported and written before. */
export function createWriteChecks(clock: ManualClock, losses: Losses) {
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

  const published = (visit: Visit, ids?: readonly (string | undefined)[]): ByVariant<number> => {
    const total = { baseline: 0, canary: 0 }
    for (const [id, { begun, before }] of reports.get(textOfVisit(visit)) ?? []) {
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
      const ofVisit = reports.get(textOfVisit(report)) ?? new Map<string, Reported>()
      reports.set(textOfVisit(report), ofVisit)
      const last = ofVisit.get(report.id)
      if (last === undefined || last.seq < report.seq) ofVisit.set(report.id, readReport(report, last))
    },
    write({ head, decisions = [], lease: held }: RecordWrite, before: Head | undefined, asked: LeaseAnswer): void {
      const { epoch, step, visit } = head.route
      const stay = `${epoch}/${step}`
      if (!openedAt.has(textOfVisit(head.route))) openedAt.set(textOfVisit(head.route), watchedMs)
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
        const isNext = lost === 0 && last !== undefined && textOfVisit(last.of) === textOfVisit(of)
        if (isNext && counted < (last!.cumulative?.[arm].begun ?? 0)) wrong('the counts of a stay have fallen')
      }
      last = body
      const atMostMs = watchedMs - (openedAt.get(textOfVisit(of)) ?? watchedMs) + 1_000 + INTERVAL_MS
      if (state.elapsedInStepMs > atMostMs) {
        wrong(`${state.elapsedInStepMs} ms in step were counted, of ${atMostMs} ms that a leader watched`)
      }
    },
  }
}
