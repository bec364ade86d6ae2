import { VARIANTS, type Versions } from '../foundation/vocabulary.js'
import { type CellBatch, createCellBatch } from '../summaries/cell-batch.js'
import { COARSEST_GRAIN, SKETCH_BINS } from '../summaries/latency-sketch.js'
import { readBins, writeBins } from '../summaries/packed-bins.js'
import { createTextWriter, type TextWriter } from '../summaries/packed-text.js'
import {
  createTextReader,
  isComplete,
  openText,
  readCount,
  readNames,
  readNumber,
  type TextReader,
} from '../summaries/text-reader.js'
import { COUNT_NAMES, type Span, type SpanCounts, spanCounts } from './span.js'

/** The first character of packed spans: the form that follows. Another form gets another character. */
const SPANS_FORM = 's'

/** Returns spans as a short text, which {@link readSpans} reads. */
export function packSpans(spans: readonly Span[]): string {
  const text = createTextWriter()
  const releases = releasesIn(spans)
  text.count(releases.length)
  text.count(spans.length)
  for (const span of spans) {
    text.count(releases.findIndex((versions) => isSame(versions, span.versions)))
    writePlace(text, span)
    for (const variant of VARIANTS) writeCounts(text, span[variant])
  }
  for (const versions of releases) for (const variant of VARIANTS) text.name(versions[variant])
  return text.sealed(SPANS_FORM)
}

/** Returns how many characters a span takes, besides its counts and the names of its versions. */
export function lengthOfPlace(span: Span): number {
  const text = createTextWriter()
  writePlace(text, span)
  return text.length
}

/** Returns how many characters the counts of one version take: faster than writing them. */
export function lengthOfCounts(counts: SpanCounts): number {
  let length = 0
  const count = (value: number): void => {
    length += 1
    for (let rest = value; rest >= 32; rest /= 32) length += 1
  }
  writeCounts({ count }, counts)
  return length
}

/** Returns the spans of a text; `undefined` if it is of another form, or damaged. */
export function readSpans(text: unknown): readonly Span[] | undefined {
  const from = createTextReader()
  if (typeof text !== 'string' || !openText(from, text, SPANS_FORM)) return undefined
  const releases = readCount(from, from.length)
  const length = readCount(from, from.length)
  const names = readNames(from, 2 * releases)
  const spans: Span[] = []
  while (spans.length < length) {
    const release = readCount(from, releases)
    const versions = { baseline: names?.[2 * release] ?? '', canary: names?.[2 * release + 1] ?? '' }
    spans.push(readSpan(from, versions))
  }
  return names !== undefined && isComplete(from) && areInOrder(spans) ? spans : undefined
}

const isSame = (a: Versions, b: Versions): boolean => a.baseline === b.baseline && a.canary === b.canary

/** Returns the versions of spans, each pair once. */
export function releasesIn(spans: readonly Span[]): readonly Versions[] {
  const releases: Versions[] = []
  for (const { versions } of spans) if (!releases.some((known) => isSame(known, versions))) releases.push(versions)
  return releases
}

function writePlace(to: TextWriter, { from, to: end, epoch, visit, step, weight }: Span): void {
  for (const count of [from, end - from, epoch, visit, step]) to.count(count)
  to.number(weight)
}

function writeCounts(to: Pick<TextWriter, 'count'>, counts: SpanCounts): void {
  for (const name of COUNT_NAMES) to.count(counts[name])
  to.count(counts.latency.grain)
  writeBins(to, counts.latency.bins)
}

function readSpan(text: TextReader, versions: Versions): Span {
  const [from, lasts] = [readCount(text, Number.MAX_SAFE_INTEGER), readCount(text, Number.MAX_SAFE_INTEGER)]
  const [epoch, visit, step] = [readCount(text), readCount(text), readCount(text)]
  const weight = readNumber(text)
  const counts = { baseline: readCounts(text), canary: readCounts(text) }
  return { from, to: from + lasts, epoch, visit, step, weight, versions, ...counts }
}

function readCounts(from: TextReader): SpanCounts {
  const counts = spanCounts(() => readCount(from))
  const grain = readCount(from, COARSEST_GRAIN)
  const batch = createCellBatch(SKETCH_BINS)
  readBins(from, SKETCH_BINS, batch, 0)
  return { ...counts, latency: { grain, bins: pairsIn(batch) } }
}

const pairsIn = ({ cells, values, length }: CellBatch): SpanCounts['latency']['bins'] =>
  Array.from({ length }, (_, at) => [cells[at]!, values[at]!] as const)

const areInOrder = (spans: readonly Span[]): boolean =>
  spans.every(({ from, weight }, at) => weight >= 0 && weight <= 100 && from >= (spans[at - 1]?.to ?? 0))
