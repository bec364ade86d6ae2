/**
 * A part of a counter. A plain counter has one part; a histogram has one for each bucket and one for its sum.
 * All parts of a group are reset together.
 */
export interface Part {
  /** Its rise before its last reset. */
  closed: number
  /** Since its last reset it has risen from `base` to `last`. */
  base: number
  last: number
  /** The time of `last`. */
  lastAt: number
  /** The value before its latest fall; `null` if that was too long ago. */
  fellFrom: number | null
  /** The number of samples since that fall. */
  sinceFall: number
}

/** A counter with all of its parts. */
export interface Group {
  readonly parts: Map<string, Part>
}

/** The counters of all queries of one kind. */
export type Fold = Map<string, Group>

/** Returns how much a part has risen since counting started. */
export function riseOf({ closed, base, last }: Pick<Part, 'closed' | 'base' | 'last'>): number {
  return closed + (last - base)
}

/** Returns a part that is counted from this sample on. */
export function partFrom(value: number, at: number): Part {
  return { closed: 0, base: value, last: value, lastAt: at, fellFrom: null, sinceFall: 0 }
}

/** Returns a copy that can be changed without changing the original. */
export function copyOfFold(fold: Fold): Fold {
  const copied = ({ parts }: Group): Group => ({
    parts: new Map([...parts].map(([name, part]) => [name, { ...part }])),
  })
  return new Map([...fold].map(([name, group]) => [name, copied(group)]))
}
