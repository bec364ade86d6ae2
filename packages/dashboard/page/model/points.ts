import type { Status } from '@model-canary/core'
import type { Point, PointFigures } from '@model-canary/core/controller'

/** The spans of time that the charts can show. */
export const RANGES = ['hour', 'day', 'rollout'] as const

/** A span of time that the charts can show. */
export type Range = (typeof RANGES)[number]

const RANGE_MS = { hour: 3_600_000, day: 86_400_000 } as const

/** A shorter span, such as one that the end of a step cuts off, has too few requests to be shown as a rate. */
const SHORTEST_MS = 10_000

/** A figure over time: times in seconds since 1970, and a value of each version at each, `null` where there is none. */
export interface Series {
  readonly id: string
  readonly title: string
  readonly unit: '%' | 'ms'
  readonly data: [times: number[], baseline: (number | null)[], canary: (number | null)[]]
}

/** Each chart: its title, its unit, and its value in the figures of one version. */
const CHARTS: readonly (Pick<Series, 'id' | 'title' | 'unit'> & {
  readonly of: (figures: PointFigures) => number | null
})[] = [
  {
    id: 'errors',
    title: 'Errors and timeouts',
    unit: '%',
    of: (each) => percent(each.errors + each.timeouts, each.requests),
  },
  { id: 'unanswered', title: 'Unanswered', unit: '%', of: (each) => percent(each.unanswered, each.requests) },
  { id: 'p50', title: 'Latency p50', unit: 'ms', of: (each) => each.p50Ms },
  { id: 'p95', title: 'Latency p95', unit: 'ms', of: (each) => each.p95Ms },
  { id: 'p99', title: 'Latency p99', unit: 'ms', of: (each) => each.p99Ms },
]

/** Returns what the charts show: the points of these two versions in a span of time, with gaps where nothing was kept. */
export function seriesOf(
  points: readonly Point[],
  range: Range,
  status: Pick<Status, 'versions' | 'epoch'>,
  now: number,
): readonly Series[] {
  const { versions, epoch } = status
  const shown = points.filter(
    (point) =>
      point.versions.baseline === versions.baseline &&
      point.versions.canary === versions.canary &&
      point.to - point.from >= SHORTEST_MS &&
      (range === 'rollout' ? point.epoch === epoch : point.to > now - RANGE_MS[range]),
  )
  const times = shown.map(({ from, to }) => (from + to) / 2_000)
  return CHARTS.map(({ of, ...chart }) => ({
    ...chart,
    data: [times, shown.map(({ baseline }) => of(baseline)), shown.map(({ canary }) => of(canary))],
  }))
}

const percent = (part: number, whole: number): number | null => (whole === 0 ? null : (100 * part) / whole)
