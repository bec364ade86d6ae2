import type { ByVariant } from '../foundation/vocabulary.js'
import { countedIn, isSameStay, minus, type Place, type Span, type SpanCounts, spanCountsOf } from '../rollout/span.js'
import type { Summary } from '../summaries/summary.js'

/** All that was served in a stay up to a moment, as wall time in milliseconds since 1970. */
export interface ServedUpTo {
  readonly counts: ByVariant<Summary>
  readonly at: number
}

/** The spans of a rollout, each with what was served since the one before. */
export interface SpanLog {
  readonly spans: readonly Span[]
  /** Adds a span up to this moment. Of counts that have fallen, none is added. */
  add(place: Place, served: ServedUpTo): void
  /** Returns the span that `add` would add; `undefined` if there is none. */
  preview(place: Place, served: ServedUpTo): Span | undefined
  /** Lets the next span begin at this moment, or at the end of the latest one if that is later. */
  begin(at: number): void
  /** Puts stored spans before those of this process that follow them, and counts from what they hold. */
  adopt(stored: readonly Span[]): void
}

/** The options of {@link createSpanLog}. */
export interface SpanLogOptions {
  /** When the first span begins, as wall time in milliseconds since 1970. */
  readonly begunAt: number
  /** True if the counts of a stay go on in another process, so that those of the known spans are in them. */
  readonly areShared: boolean
  /** Returns the spans in less room. */
  readonly thinned: (spans: readonly Span[]) => readonly Span[]
}

/** Creates a log without spans. */
export function createSpanLog({ begunAt, areShared, thinned }: SpanLogOptions): SpanLog {
  let spans: readonly Span[] = []
  let since = begunAt
  let mark: (Place & ByVariant<SpanCounts>) | undefined // what was served up to the latest span

  const before = (place: Place): ByVariant<SpanCounts> | undefined => {
    if (mark !== undefined && isSameStay(mark, place)) return mark
    return areShared ? countedIn(spans, place) : undefined
  }
  const measure = (place: Place, { counts, at }: ServedUpTo) => {
    const total = { baseline: spanCountsOf(counts.baseline), canary: spanCountsOf(counts.canary) }
    const news = sinceThen(total, before(place))
    const last = spans.at(-1)
    const goesOn = areShared && last !== undefined && isSameStay(last, place) // also if another process has added it
    const from = goesOn ? last.to : Math.max(since, last?.to ?? 0) // a clock may have been put back
    const span = news && { ...place, ...news, from, to: Math.max(from, at) }
    return { total, span: span && hasContent(span) ? span : undefined }
  }

  return {
    get spans() {
      return spans
    },
    add(place, served) {
      const { total, span } = measure(place, served)
      mark = { ...place, ...total }
      since = served.at
      if (span) spans = thinned([...spans, span])
    },
    preview: (place, served) => measure(place, served).span,
    begin: (at) => void (since = at),
    adopt(stored) {
      const end = stored.at(-1)?.to ?? 0
      spans = [...stored, ...spans.filter(({ from }) => from >= end)]
      if (areShared) mark = undefined
    },
  }
}

function sinceThen(
  now: ByVariant<SpanCounts>,
  before: ByVariant<SpanCounts> | undefined,
): ByVariant<SpanCounts> | undefined {
  if (before === undefined) return now
  const [baseline, canary] = [minus(now.baseline, before.baseline), minus(now.canary, before.canary)]
  return baseline && canary && { baseline, canary }
}

/** Returns whether a span lasts, or holds a request. */
const hasContent = ({ from, to, baseline, canary }: Span): boolean =>
  to > from || baseline.requests + canary.requests > 0
