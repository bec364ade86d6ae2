/** One value of a series, and when Prometheus took it, in milliseconds since 1970 by its own clock. */
export type Sample = readonly [atMs: number, value: number]

/** A series as Prometheus answers it, its samples rising by time. */
export interface Series {
  /** By name, sorted by name. */
  readonly labels: readonly (readonly [name: string, value: string])[]
  readonly samples: readonly Sample[]
}

/** The value of one label; `''` where there is none, which to Prometheus is the same. */
export function labelOf({ labels }: Series, wanted: string): string {
  return labels.find(([name]) => name === wanted)?.[1] ?? ''
}

/** What tells a series from all others that differ in more than these labels. */
export function keyOf({ labels }: Series, without: readonly string[] = []): string {
  return JSON.stringify(labels.filter(([name]) => !without.includes(name)))
}
