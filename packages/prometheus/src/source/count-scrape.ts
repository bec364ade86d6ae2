import type { ArmProgress } from './arm-progress.js'
import { type Fold, type Part, partFrom, riseOf } from './fold.js'
import { type Item, idOf, isOfRequests, type Scrape, type Strand } from './strand.js'
import { explained } from './traffic.js'

/** A scrape with parts that had not been seen before. */
export interface Newcomers {
  readonly scrape: Scrape
  readonly items: readonly Item[]
  /** Whether they are new series of a known process, which shows all its earlier series or has just restarted. */
  readonly areChildren: boolean
  /** The time since the previous scrape of their process, in milliseconds; `null` if there was none. */
  readonly gapMs: number | null
}

/** A part with a new sample in a round. */
export interface Touched {
  readonly kind: string
  readonly onFall: Strand['onFall']
  /** Its rise before the round. */
  readonly rise: number
}

/** The state of one arm's round. */
export interface Round {
  readonly touched: Map<Part, Touched>
  readonly newcomers: Newcomers[]
  /** The number of request series whose earlier counts are not known, so they count from their first sample. */
  begunAnew: number
  /** Why this round cannot be counted; `null` if it can. */
  lost: string | null
}

/** Returns a round without samples. */
export const emptyRound = (): Round => ({ touched: new Map(), newcomers: [], begunAnew: 0, lost: null })

/** A fall to at least this share of the previous value may be a sample that is late by a few requests. */
const NEARLY = 0.9

/** For this many samples after a fall, a counter may return to its old value. An expression may do so at any time. */
const COMES_BACK_WITHIN = 3

/** Records the parts of a scrape from before counting started, without counting them. */
export function noteScrape(arm: ArmProgress, { at, target, items }: Scrape): void {
  if ((arm.targets.get(target)?.at ?? Number.NEGATIVE_INFINITY) >= at) return // it has been read before
  for (const { strand, value } of items) setPart(arm, strand, partFrom(value, at))
  noteTarget(arm, { at, target, items }, Number.NEGATIVE_INFINITY)
}

/** Counts a scrape. Parts that are new are decided on at the end of the round. */
export function countScrape(arm: ArmProgress, round: Round, scrape: Scrape, zeroAt: number): void {
  const { at, target, items } = scrape
  const known: Known[] = []
  const newItems: Item[] = []
  for (const item of items) {
    const { strand, value } = item
    const part = partOf(arm, strand)
    if (part === undefined) {
      newItems.push(item)
      setPart(arm, strand, touch(round, strand, partFrom(value, at)))
    } else if (at > part.lastAt) {
      touch(round, strand, part)
      if (part.lastAt >= zeroAt) known.push({ item, part })
      else {
        Object.assign(part, partFrom(value, at)) // a part of its rise belongs to the previous weight
        if (isOfRequests(strand)) round.begunAnew += 1
      }
    }
  }
  const seen = arm.targets.get(target)
  const isSame = target !== '' || known.some(({ part }) => part.lastAt === seen?.at) // several may lack labels
  const before = isSame ? seen : undefined
  const gapMs = before === undefined ? null : at - before.at
  const isGone = ({ lastAt }: Part) => before !== undefined && lastAt < before.at // missing in the previous scrape
  const fallen = known.filter(({ item, part }) => item.strand.onFall === 'reset' && item.value < part.last)
  const present = fallen.filter(({ part }) => !isGone(part))
  const restarted = restartOf(arm, known, present, at)
  if (newItems.length > 0) {
    const shows = new Set(items.map(({ strand }) => idOf(strand)))
    const isWhole = before !== undefined && [...before.shown].every((id) => shows.has(id))
    const areChildren = restarted.size > 0 || (known.length > 0 && isWhole)
    round.newcomers.push({ scrape, items: newItems, areChildren, gapMs })
  }
  for (const { item, part } of known) {
    const { strand, value } = item // a small dip is ignored
    const limit = explained(arm.traffic, strand.kind, at - part.lastAt, 'restart')
    const isBegun = restarted.has(part) || (before?.restartedAt ?? Number.NEGATIVE_INFINITY) > part.lastAt
    if (isBegun || (isGone(part) && value < part.last)) {
      beginPart(part, value <= limit || strand.onFall === 'follow' ? 0 : value, value)
    } else if (value >= part.last || strand.onFall === 'follow') rise(part, strand, value, limit)
    else if (!isNearly(arm, strand, part, value, at)) {
      round.lost = fallOf(strand, part.last, value)
      beginPart(part, value, value)
    }
    part.lastAt = at
  }
  noteTarget(arm, scrape, restarted.size > 0 ? at : (before?.restartedAt ?? Number.NEGATIVE_INFINITY))
}

/** Counts newcomers from 0 instead of from their first sample. */
export function countFromBirth(arm: ArmProgress, { items }: Newcomers): void {
  for (const { strand, value } of items) partOf(arm, strand)!.closed += value
}

/** A sample of a known part. */
interface Known {
  readonly item: Item
  readonly part: Part
}

/**
 * Returns the parts that were reset by a restart of their process. A restart resets all counters of a process, and the
 * arm's traffic must explain all their new values; a single counter that falls is a wrong sample.
 */
function restartOf(
  { traffic }: ArmProgress,
  known: readonly Known[],
  fallen: readonly Known[],
  at: number,
): ReadonlySet<Part> {
  if (fallen.length === 0) return new Set()
  const groups = new Set(fallen.map(({ item }) => groupOf(item.strand)))
  const isNamed = fallen[0]!.item.strand.target !== ''
  const together = known.filter(({ item }) => isNamed || groups.has(groupOf(item.strand)))
  const isExplained = ({ item: { strand, value }, part }: Known) =>
    strand.onFall === 'follow' || value <= explained(traffic, strand.kind, at - part.lastAt, 'restart')
  const isSmallDip = ({ item, part }: Known) => part.last >= 20 && item.value >= NEARLY * part.last
  const isRestart = together.every(isExplained) && !fallen.every(isSmallDip)
  return new Set(isRestart ? together.map(({ part }) => part) : [])
}

const groupOf = ({ kind, group }: Strand): string => `${kind} ${group}`

/** Takes a new value of a part. A return to the value before a fall does not count as a rise. */
function rise(part: Part, { onFall }: Strand, value: number, limit: number): void {
  if (part.fellFrom !== null && value >= part.fellFrom && value - part.last > limit) {
    part.closed = riseOf(part)
    part.base = part.fellFrom
    part.fellFrom = null
  }
  part.sinceFall += 1
  if (part.sinceFall >= COMES_BACK_WITHIN && onFall !== 'lose') part.fellFrom = null
  part.last = value
}

function beginPart(part: Part, base: number, value: number): void {
  part.closed = riseOf(part)
  part.fellFrom = part.last
  part.sinceFall = 0
  part.base = base
  part.last = value
}

function isNearly(arm: ArmProgress, strand: Strand, { last, lastAt }: Part, value: number, at: number): boolean {
  if (strand.onFall !== 'reset') return false
  return value >= NEARLY * last && last - value <= explained(arm.traffic, strand.kind, at - lastAt, 'scrape')
}

function fallOf({ kind, onFall }: Strand, from: number, to: number): string {
  return onFall === 'lose'
    ? `the expression for ${kind} fell from ${from} to ${to}, and the reset of its counters cannot be reconstructed`
    : `a counter of ${kind} fell from ${from} to ${to}, which a restart does not explain`
}

function touch(round: Round, { kind, onFall }: Strand, part: Part): Part {
  if (!round.touched.has(part)) round.touched.set(part, { kind, onFall, rise: riseOf(part) })
  return part
}

function partOf(arm: ArmProgress, { kind, group, part }: Strand): Part | undefined {
  return arm.folds.get(kind)?.get(group)?.parts.get(part)
}

function setPart(arm: ArmProgress, { kind, group, part }: Strand, value: Part): void {
  const fold: Fold = arm.folds.get(kind) ?? new Map()
  arm.folds.set(kind, fold)
  const parts = fold.get(group)?.parts
  if (parts === undefined) fold.set(group, { parts: new Map([[part, value]]) })
  else parts.set(part, value)
}

function noteTarget(arm: ArmProgress, { at, target, items }: Scrape, restartedAt: number): void {
  arm.targets.set(target, { at, shown: new Set(items.map(({ strand }) => idOf(strand))), restartedAt })
}
