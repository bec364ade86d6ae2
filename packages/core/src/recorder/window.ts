import { type Aggregate, clearAggregate } from './aggregate.js'

/** The recent past as a ring of aggregates, one for each slice of time. Time is always an argument. */
export interface SlidingWindow {
  /** Returns the aggregate of the slice that contains `at`, or `undefined` if a newer slice has replaced it. */
  sliceAt(at: number): Aggregate | undefined
  /** The same for the end of a call. The time stays in `call`: a number argument might be allocated on the heap. */
  sliceOf(call: { readonly at: number }): Aggregate | undefined
  /** The same for the start of a call. */
  sliceOfStart(call: { readonly startedAt: number }): Aggregate | undefined
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

  let current: Aggregate | undefined // the latest requested slice
  const bounds = new Float64Array([1, 0]) // its begin and end; variables would be allocated on the heap each time

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
    bounds[0] = number * sliceMs
    bounds[1] = (number + 1) * sliceMs
    return (current = aggregate)
  }

  return {
    aggregates,
    sliceAt,
    sliceOf: (call) => (call.at >= bounds[0]! && call.at < bounds[1]! ? current : sliceAt(call.at)),
    sliceOfStart: (call) =>
      call.startedAt >= bounds[0]! && call.startedAt < bounds[1]! ? current : sliceAt(call.startedAt),
    recent(at, lastMs) {
      const last = numberOf(at)
      const first = last - Math.min(slices, Math.ceil(lastMs / sliceMs)) + 1
      return aggregates.filter((_, place) => numbers[place]! >= first && numbers[place]! <= last)
    },
  }
}
