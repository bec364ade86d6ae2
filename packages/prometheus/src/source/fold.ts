/**
 * A part of a counter: a plain counter has one, a histogram one for each bucket and for its sum.
 * All parts of a group begin again together.
 */
export interface Part {
  /** What it had risen by until it last began again. */
  closed: number
  /** Since then it rose from `base` to `last`. */
  base: number
  last: number
  /** When `last` was taken. */
  lastAt: number
  /** The value before its latest fall, until that is far enough in the past. */
  fellFrom: number | null
  /** How many samples came since that fall. */
  sinceFall: number
}

/** A counter with all of its parts. */
export interface Group {
  readonly parts: Map<string, Part>
}

/** Everything that has been counted by queries of one kind. */
export type Fold = Map<string, Group>

/** How much a part has risen since counting began. */
export function riseOf({ closed, base, last }: Pick<Part, 'closed' | 'base' | 'last'>): number {
  return closed + (last - base)
}

/** A part that begins at this sample: what was before is not counted. */
export function partFrom(value: number, at: number): Part {
  return { closed: 0, base: value, last: value, lastAt: at, fellFrom: null, sinceFall: 0 }
}

/** The same once more, to be counted on without touching the first. */
export function copyOfFold(fold: Fold): Fold {
  const copied = ({ parts }: Group): Group => ({
    parts: new Map([...parts].map(([name, part]) => [name, { ...part }])),
  })
  return new Map([...fold].map(([name, group]) => [name, copied(group)]))
}
