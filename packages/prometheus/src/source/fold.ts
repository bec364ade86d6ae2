import { CanaryError } from '@model-canary/core'
import type { Sample } from './series.js'

/**
 * A part of a counter: a plain counter has one, a histogram one for each bucket and for its sum.
 * All parts of a group begin again together.
 */
export interface Strand {
  readonly group: string
  readonly part: string
  /**
   * What a fall means. `reset`: the process began again. `follow`: nothing by itself, for a sum of signed
   * values falls too; the rest of the group tells. `refuse`: that this is no count.
   */
  readonly onFall: 'reset' | 'follow' | 'refuse'
  readonly samples: readonly Sample[]
}

/** How far a part has been counted: `closed`, and since the latest reset from `base` to `last`. */
export interface Part {
  readonly closed: number
  readonly base: number
  readonly last: number
  /** When `last` was taken. Before the window opened nothing is counted, but the series is known. */
  readonly lastAt: number
}

/** A counter with all of its parts. */
export interface Group {
  /** When it last began again. */
  readonly resetAt: number
  readonly parts: ReadonlyMap<string, Part>
}

/** Everything that has been counted by queries of one kind. */
export type Fold = ReadonlyMap<string, Group>

/** When counting begins, and how to tell a new series from one that merely came into sight. */
export interface FoldContext {
  readonly zeroAt: number
  /** Whether a series whose first sample was taken then is one that began after the window opened. */
  readonly isBorn: (firstAt: number) => boolean
}

/**
 * Counts on with the samples that are news; those that were counted already are passed over.
 *
 * What is added is the difference of successive samples, and after a reset the whole new value. Counting
 * starts at the first sample from `zeroAt` on. A series that was born later starts from 0, any other one
 * from the first sample that is seen: never too many.
 *
 * Depends on nothing but the samples: read at once or in a hundred pieces, the result is the same.
 *
 * @throws `QUERY_NOT_A_COUNT` where a strand falls that must not
 */
export function foldOn(before: Fold, strands: readonly Strand[], context: FoldContext): Fold {
  const after = new Map(before)
  for (const [name, members] of byGroup(strands)) after.set(name, foldGroup(before.get(name), members, context))
  return after
}

/** How much a part has risen since counting began. */
export function riseOf({ closed, base, last }: Part): number {
  return closed + (last - base)
}

function byGroup(strands: readonly Strand[]): ReadonlyMap<string, readonly Strand[]> {
  const groups = new Map<string, Strand[]>()
  for (const strand of strands) {
    const members = groups.get(strand.group)
    if (members === undefined) groups.set(strand.group, [strand])
    else members.push(strand)
  }
  return groups
}

interface News {
  readonly strand: Strand
  readonly at: number
  readonly value: number
}

function foldGroup(before: Group | undefined, strands: readonly Strand[], context: FoldContext): Group {
  const parts = new Map(before?.parts)
  let resetAt = before?.resetAt ?? Number.NEGATIVE_INFINITY
  for (const scrape of byTime(strands, parts)) {
    const { at } = scrape[0]!
    if (scrape.some((news) => fallsBack(parts.get(news.strand.part), news))) resetAt = at
    for (const { strand, value } of scrape) parts.set(strand.part, counted(parts.get(strand.part), value, at))
  }
  return { resetAt, parts }

  function counted(part: Part | undefined, value: number, at: number): Part {
    if (at < context.zeroAt) return { closed: 0, base: value, last: value, lastAt: at }
    if (part === undefined) return { closed: 0, base: context.isBorn(at) ? 0 : value, last: value, lastAt: at }
    if (part.lastAt < context.zeroAt) return { closed: 0, base: value, last: value, lastAt: at }
    const isReset = resetAt > part.lastAt && resetAt <= at
    return isReset ? { closed: riseOf(part), base: 0, last: value, lastAt: at } : { ...part, last: value, lastAt: at }
  }
}

/** The samples that are news, those of one scrape together. */
function byTime(strands: readonly Strand[], parts: ReadonlyMap<string, Part>): readonly (readonly News[])[] {
  const scrapes = new Map<number, News[]>()
  for (const strand of strands) {
    const seenTo = parts.get(strand.part)?.lastAt ?? Number.NEGATIVE_INFINITY
    for (const [at, value] of strand.samples) {
      if (at <= seenTo) continue
      const scrape = scrapes.get(at)
      if (scrape === undefined) scrapes.set(at, [{ strand, at, value }])
      else scrape.push({ strand, at, value })
    }
  }
  return [...scrapes.entries()].sort(([a], [b]) => a - b).map(([, scrape]) => scrape)
}

function fallsBack(part: Part | undefined, { strand, value }: News): boolean {
  if (part === undefined || value >= part.last || strand.onFall === 'follow') return false
  if (strand.onFall === 'reset') return true
  throw new CanaryError(
    'QUERY_NOT_A_COUNT',
    `an expression fell from ${part.last} to ${value}; use a selector, so that each counter's reset is seen`,
  )
}
