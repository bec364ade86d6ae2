import { type Aggregate, clearAggregate } from './aggregate.js'

/** The recent past as a ring of aggregates, one for each slice of time. Time is always an argument. */
export interface SlidingWindow {
  /** Returns the aggregate of the slice that contains `at`, or `undefined` if a newer slice has replaced it. */
  sliceAt(at: number): Aggregate | undefined
  /** The same for a call. The time stays in `call`: a number argument might be allocated on the heap. */
  sliceOf(call: { readonly at: number }): Aggregate | undefined
  /** Returns the slices of the last `lastMs` before `at`, never older ones, even after a long idle time. */
  recent(at: number, lastMs: number): readonly Aggregate[]
  /** All aggregates of the ring. */
  readonly aggregates: readonly Aggregate[]
}

/** Options of a sliding window. */
export interface SlidingWindowOptions {
  readonly slices: number
  readonly sliceMs: number
  readonly createAggregate: () => Aggregate
}

/** Creates a ring of slices. The memory of an expired slice is cleared and reused. */
export function createSlidingWindow({ slices, sliceMs, createAggregate }: SlidingWindowOptions): SlidingWindow {
  const aggregates = Array.from({ length: slices }, createAggregate)
  const numbers = new Float64Array(slices).fill(Number.NEGATIVE_INFINITY) // the slice of time in each place

  let current: Aggregate | undefined // the latest requested slice, from `begins` to before `ends`
  let begins = Number.POSITIVE_INFINITY
  let ends = Number.NEGATIVE_INFINITY

  const numberOf = (at: number) => Math.floor(at / sliceMs)
  const placeOf = (number: number) => ((number % slices) + slices) % slices

  function sliceAt(at: number): Aggregate | undefined {
    const number = numberOf(at)
    const place = placeOf(number)
    const held = numbers[place]!
    if (held > number) return undefined // older than the whole window
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
