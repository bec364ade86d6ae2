/** One value of a series and its time by Prometheus' clock, in milliseconds since 1970. */
export type Sample = readonly [atMs: number, value: number]

/** A series in a response of Prometheus, its samples ordered by time. */
export interface Series {
  /** The labels, sorted by name. */
  readonly labels: readonly (readonly [name: string, value: string])[]
  readonly samples: readonly Sample[]
}

/** Returns the value of a label; `''` if it is missing, which Prometheus treats as the same. */
export function labelOf({ labels }: Series, wanted: string): string {
  return labels.find(([name]) => name === wanted)?.[1] ?? ''
}

/** Returns a key for a series that ignores the labels in `without`. */
export function keyOf({ labels }: Series, without: readonly string[] = []): string {
  return JSON.stringify(labels.filter(([name]) => !without.includes(name)))
}
