import type { Variant } from '@model-canary/core'
import type { ByVariant } from '@model-canary/core/controller'
import { type ArmProgress, copyOfArm } from './arm-progress.js'
import type { Births } from './births.js'
import { countScrape, emptyRound, noteScrape } from './count-scrape.js'
import { momentsIn, type Sighting } from './moments.js'
import { afterLost, leaveOut, lossOf, risesOf, settleNewcomers } from './round.js'
import { scrapedAgain, typicalInterval, untilWhen } from './scraping.js'
import { isOfRequests, type Scrape, type Strand, scrapesOf } from './strand.js'
import { withRound } from './traffic.js'

/** A period that is excluded from both arms. */
export interface LostRound {
  readonly fromAt: number
  readonly toAt: number
  readonly why: string
}

/** The counts of both arms. */
export interface Counted extends ByVariant<ArmProgress> {
  /** The time up to which both arms are counted; `null` before counting starts. */
  readonly moment: number | null
  /** The latest excluded period. */
  readonly lost: LostRound | null
  readonly lostCount: number
}

/** New samples for both arms. */
export interface Incoming {
  readonly strands: ByVariant<readonly Strand[]>
  readonly births: ByVariant<Births>
  /** When the weight came into force. */
  readonly zeroAt: number
  /** The time before which no more late samples are expected. */
  readonly settledAt: number
}

/** Both variants, in order. */
export const ARMS = ['baseline', 'canary'] as const

/**
 * Adds new samples to the counts of both arms, from moment to moment. The period between two moments is a round. It is
 * counted in both arms or, if a part of it is not known, in neither.
 *
 * The result depends only on the samples, not on how many reads they came in.
 */
export function countOn(before: Counted, { strands, births, zeroAt, settledAt }: Incoming): Counted {
  const arms = { baseline: copyOfArm(before.baseline), canary: copyOfArm(before.canary) }
  const queues = { baseline: queueOf(before, 'baseline', strands), canary: queueOf(before, 'canary', strands) }
  const sightings = ARMS.flatMap((arm) => queues[arm].all.flatMap((scrape) => sightingsOf(arm, scrape)))
  sightings.sort((a, b) => a.at - b.at)
  for (const { arm, at } of sightings) arms[arm].newestAt = Math.max(arms[arm].newestAt, at)
  const scraped = { baseline: before.baseline.scraped, canary: before.canary.scraped }
  const moments = momentsIn(sightings, { moment: before.moment, zeroAt, scraped })
  let { moment, lost, lostCount } = before

  for (const at of moments) {
    if (moment === null) begin(at)
    else count(moment, at)
    moment = at
  }
  if (moment === null) for (const arm of ARMS) note(arm, settledAt)
  return { ...before, ...arms, moment, lost, lostCount }

  function note(arm: Variant, upTo: number): void {
    for (const scrape of queues[arm].takeUpTo(upTo)) {
      noteScrape(arms[arm], scrape)
      noteScraped(arms[arm], arm, scrape)
    }
  }

  function begin(at: number): void {
    const baseline = requestsPerMs(strands.baseline, at)
    const perMs = baseline === null ? null : baseline + (requestsPerMs(strands.canary, at) ?? 0)
    for (const arm of ARMS) {
      note(arm, at)
      arms[arm].traffic = { ...arms[arm].traffic, before: perMs }
    }
  }

  function count(fromAt: number, toAt: number): void {
    const rounds = { baseline: emptyRound(), canary: emptyRound() }
    for (const arm of ARMS) {
      const had = untilWhen(arms[arm].scraped)
      for (const scrape of queues[arm].takeUpTo(toAt)) {
        countScrape(arms[arm], rounds[arm], scrape, zeroAt)
        noteScraped(arms[arm], arm, scrape)
      }
      const hasVanished = [...had].some(([id, until]) => until > fromAt && arms[arm].scraped.get(id)!.at <= fromAt)
      const end = { births: births[arm], zeroAt, fromAt, hasVanished, everyMs: scrapeIntervalOf(arms[arm]) }
      settleNewcomers(arms[arm], rounds[arm], end)
    }
    const forMs = toAt - fromAt
    const rises = { baseline: risesOf(rounds.baseline), canary: risesOf(rounds.canary) }
    const losses = ARMS.map((arm) => lossOf(arm, arms[arm], rounds[arm], rises[arm], forMs))
    const loss = losses.find((one) => one?.isBeginning === false) ?? losses.find((one) => one !== undefined)
    for (const arm of ARMS) {
      if (loss !== undefined) leaveOut(rounds[arm])
      arms[arm].traffic = (loss === undefined ? withRound : afterLost)(arms[arm].traffic, rises[arm], forMs)
    }
    if (loss === undefined || loss.isBeginning) return
    lost = { fromAt, toAt, why: loss.why }
    lostCount += 1
  }
}

/** Returns the scrape interval of an arm, in milliseconds; `null` if it is not known. */
export function scrapeIntervalOf({ scraped }: ArmProgress): number | null {
  return typicalInterval(scraped.values())
}

/** Returns the scrapes that have not been counted yet, ordered by time. */
function queueOf({ moment }: Counted, arm: Variant, strands: ByVariant<readonly Strand[]>) {
  const all = scrapesOf(strands[arm]).filter(({ at }) => moment === null || at > moment)
  let next = 0
  return {
    all,
    takeUpTo(at: number): readonly Scrape[] {
      const first = next
      while (next < all.length && all[next]!.at <= at) next++
      return all.slice(first, next)
    },
  }
}

/** Returns the targets whose requests a scrape shows. A series without target labels counts as its own target. */
function sightingsOf(arm: Variant, { at, target, items }: Scrape): readonly Sighting[] {
  const watched = items.filter(({ strand }) => isOfRequests(strand))
  if (watched.length === 0) return []
  if (target !== '') return [{ at, arm, target }]
  return watched.map(({ strand }) => ({ at, arm, target: strand.group }))
}

function noteScraped({ scraped }: ArmProgress, arm: Variant, scrape: Scrape): void {
  for (const { target, at } of sightingsOf(arm, scrape)) scraped.set(target, scrapedAgain(scraped.get(target), at))
}

/** Returns the request rate per millisecond before a time; `null` if no series has two samples. */
function requestsPerMs(strands: readonly Strand[], upTo: number): number | null {
  let sum: number | null = null
  for (const { samples } of strands.filter(isOfRequests)) {
    const early = samples.filter(([at]) => at <= upTo)
    if (early.length < 2) continue
    const rises = early.slice(1).map(([, value], at) => Math.max(0, value - early[at]![1]))
    sum = (sum ?? 0) + rises.reduce((all, rise) => all + rise, 0) / (early.at(-1)![0] - early[0]![0])
  }
  return sum
}
