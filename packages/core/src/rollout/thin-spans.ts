import { type ByVariant, VARIANTS } from '../foundation/vocabulary.js'
import { COARSEST_GRAIN, coarser } from '../summaries/latency-sketch.js'
import { lengthOfCounts, lengthOfPlace, releasesIn } from './packed-spans.js'
import { isSamePlace, joinedSpans, type Span, type SpanCounts } from './span.js'

/** The most characters of packed spans, the names of their versions included. */
export const MOST_PACKED = 16_384

/** Spans that end within this time, in milliseconds, stay short. */
const RECENT_MS = 3_600_000

/** The longest recent span that two make together, in milliseconds. A minute's timer may be late. */
const LONGEST_RECENT_MS = 130_000

/** The most characters of one version in a recent span, so that 30 of them fit: more latencies are told apart less well. */
const MOST_OF_RECENT = 208

/** The same in an older span. */
const MOST_OF_OLDER = 416

/** Beyond this share of their age, spans of a former rollout are dropped before the others are merged further. */
const COARSE = 1 / 4

/** What the ends of a text take besides its spans: the numbers of spans and releases, and the checksum. */
const ENDS = 16

interface Sized {
  readonly span: Span
  readonly length: number
}

/**
 * Returns a function that returns spans in at most {@link MOST_PACKED} characters.
 *
 * As long as they are too many, the two neighbours of one place are merged whose common span is the shortest in relation
 * to its age: so a span is about as long as a fixed share of the time since then. Counts and histograms are added. Spans
 * of the last hour stay at two minutes. The oldest spans are dropped if nothing can be merged, or if only a coarse
 * picture would remain of the present rollout.
 *
 * The function remembers the sizes of the spans that it has returned last: of those that come back, each is short enough
 * and not measured again.
 */
export function createThinning(): (spans: readonly Span[]) => readonly Span[] {
  let known = new Map<Span, Sized>()
  return (spans) => {
    const { to: now = 0, epoch } = spans.at(-1) ?? {}
    const sizedOf = sizing(now)
    let sized = spans.map((span) => known.get(span) ?? sizedOf(span))
    while (lengthOf(sized) > MOST_PACKED) {
      const { at, cost } = cheapestPair(sized, now)
      const isFormer = sized[0]?.span.epoch !== epoch && cost > COARSE
      sized = isFormer || at < 0 ? sized.slice(1) : sized.toSpliced(at, 2, sizedOf(joinedAt(sized, at)))
    }
    known = new Map(sized.map((one) => [one.span, one]))
    return sized.map(({ span }) => span)
  }
}

/** Returns the function that measures spans at a time. */
const sizing =
  (now: number) =>
  (span: Span): Sized => {
    const most = now - span.to < RECENT_MS ? MOST_OF_RECENT : MOST_OF_OLDER
    const [baseline, canary] = [shortened(span.baseline, most), shortened(span.canary, most)]
    const length = lengthOfPlace(span) + baseline.length + canary.length
    return { span: { ...span, baseline: baseline.counts, canary: canary.counts }, length }
  }

/** Returns counts, with a histogram of wider bins if they take too much room, and their length. */
function shortened(counts: SpanCounts, most: number): { readonly counts: SpanCounts; readonly length: number } {
  const length = lengthOfCounts(counts)
  if (length <= most || counts.latency.grain >= COARSEST_GRAIN) return { counts, length }
  return shortened({ ...counts, latency: coarser(counts.latency) }, most)
}

/** Returns the length of the packed text, or a little more. */
function lengthOf(sized: readonly Sized[]): number {
  const releases = releasesIn(sized.map(({ span }) => span))
  let length = ENDS
  for (const one of sized) length += one.length + (releases.length > 32 ? 2 : 1)
  for (const versions of releases) length += lengthOfNames(versions)
  return length
}

/** Returns the most characters of two names: one that is no digit of the text takes five. */
const lengthOfNames = (versions: ByVariant<string>): number =>
  VARIANTS.reduce((length, variant) => length + 1 + versions[variant].replace(/[^\w-]/g, '_____').length, 0)

/** Returns the place of the first of the two neighbours to merge, and what that costs; −1 if there are none. */
function cheapestPair(sized: readonly Sized[], now: number): { readonly at: number; readonly cost: number } {
  let cheapest = { at: -1, cost: Number.POSITIVE_INFINITY }
  for (let at = 0; at + 1 < sized.length; at++) {
    const [a, b] = [sized[at]!.span, sized[at + 1]!.span]
    const [lasts, age] = [b.to - a.from, now - b.to]
    if (!isSamePlace(a, b) || (age < RECENT_MS && lasts > LONGEST_RECENT_MS)) continue
    const cost = lasts / (age + RECENT_MS / 2)
    if (cost < cheapest.cost) cheapest = { at, cost }
  }
  return cheapest
}

const joinedAt = (sized: readonly Sized[], at: number): Span => joinedSpans(sized[at]!.span, sized[at + 1]!.span)
