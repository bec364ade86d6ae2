import { type Aggregate, clearAggregate } from './aggregate.js'

/** The last minute or so as a ring of aggregates, one for each slice of time. Time is always an argument. */
export interface SlidingWindow {
  /** The aggregate of the slice in which `at` lies, or `undefined` if newer time has taken its place. */
  sliceAt(at: number): Aggregate | undefined
  /** The same for a call, whose time stays where it is: as an argument of its own it might be put on the heap. */
  sliceOf(call: { readonly at: number }): Aggregate | undefined
  /** The slices of the last `lastMs` up to `at`, however long nothing came; never an older one. */
  recent(at: number, lastMs: number): readonly Aggregate[]
  /** Every aggregate of the ring. */
  readonly aggregates: readonly Aggregate[]
}

/** What a sliding window is made of. */
export interface SlidingWindowOptions {
  readonly slices: number
  readonly sliceMs: number
  readonly createAggregate: () => Aggregate
}

/** Makes a ring of slices. A slice's memory is cleared and used again once its time is over. */
export function createSlidingWindow({ slices, sliceMs, createAggregate }: SlidingWindowOptions): SlidingWindow {
  const aggregates = Array.from({ length: slices }, createAggregate)
  const numbers = new Float64Array(slices).fill(Number.NEGATIVE_INFINITY) // which slice of time each place holds

  let current: Aggregate | undefined // the slice that was asked for last, from `begins` up to before `ends`
  let begins = Number.POSITIVE_INFINITY
  let ends = Number.NEGATIVE_INFINITY

  const numberOf = (at: number) => Math.floor(at / sliceMs)
  const placeOf = (number: number) => ((number % slices) + slices) % slices

  function sliceAt(at: number): Aggregate | undefined {
    const number = numberOf(at)
    const place = placeOf(number)
    const held = numbers[place]!
    if (held > number) return undefined // late by more than the whole span
    const aggregate = aggregates[place]!
    if (held < number) {
      clearAggregate(aggregate)
      numbers[place] = number
    }
    begins = number * sliceMs
    ends = begins + sliceMs
    return (current = aggregate)
  }

  return {
    aggregates,
    sliceAt,
    sliceOf(call) {
      return call.at >= begins && call.at < ends ? current : sliceAt(call.at)
    },
    recent(at, lastMs) {
      const last = numberOf(at)
      const first = last - Math.min(slices, Math.ceil(lastMs / sliceMs)) + 1
      return aggregates.filter((_, place) => numbers[place]! >= first && numbers[place]! <= last)
    },
  }
}
