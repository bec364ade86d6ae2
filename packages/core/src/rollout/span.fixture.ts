import { seededRandom } from '@model-canary/testing'
import type { ByVariant } from '../foundation/vocabulary.js'
import { BIN_COUNT, binOf, type SparseBins, sparseBinsOf } from '../summaries/histogram.js'
import { sketchOf } from '../summaries/latency-sketch.js'
import type { Place, Span, SpanCounts } from './span.js'

export const MINUTE = 60_000

/** When the first minute begins, as wall time. */
export const BEGUN_AT = 1_760_000_000_000

export const STAY: Place = {
  ...{ epoch: 1, visit: 1, step: 1, weight: 10 },
  versions: { baseline: 'v1', canary: 'v2' },
}

/** How many latencies of a minute are drawn; each stands for as many as it needs. */
const DRAWN = 200

/** What a minute is made of: the latencies as a recorder counts them. */
export interface Minute {
  readonly span: Span
  readonly latencyBins: ByVariant<SparseBins>
}

/** Returns a function that returns one minute after the other, with latencies over about this many octaves. */
export function minutes({ requests = 500, octaves = 3, seed = 7 } = {}) {
  const random = seededRandom(seed)
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
  let at = BEGUN_AT

  const served = (most: number): { readonly counts: SpanCounts; readonly latencyBins: SparseBins } => {
    const bins = new Uint32Array(BIN_COUNT)
    const count = Math.floor(most * (0.5 + random() / 2))
    const median = 20_000 * (1 + random()) // µs; from minute to minute
    for (let call = 0; call < Math.min(count, DRAWN); call += 1) {
      const bin = binOf(median * 2 ** ((normal() * octaves) / 4))
      bins[bin] = bins[bin]! + Math.ceil(count / DRAWN)
    }
    const latencyBins = sparseBinsOf(bins)
    const [errors, timeouts, unanswered] = [random(), random(), random()].map((share) =>
      Math.floor((share * count) / 50),
    )
    const others = { errors: errors!, timeouts: timeouts!, unanswered: unanswered! }
    return { counts: { requests: count, ...others, latency: sketchOf(latencyBins) }, latencyBins }
  }

  return (place: Partial<Place> = {}): Minute => {
    const [baseline, canary] = [served(requests), served(requests / 10)]
    const [from, to] = [at, (at += MINUTE)]
    const span = { ...STAY, ...place, from, to, baseline: baseline.counts, canary: canary.counts }
    return { span, latencyBins: { baseline: baseline.latencyBins, canary: canary.latencyBins } }
  }
}
