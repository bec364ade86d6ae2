import { OUTCOMES, type Outcome } from '../foundation/vocabulary.js'
import { CLASS_ROWS, type CountsByPlace } from '../summaries/counts-by-place.js'
import { countInto } from '../summaries/histogram.js'
import type { AnswerEvent } from './aggregate.js'
import { type ClassRows, NO_ROW } from './class-rows.js'
import { DURATION_VALUE, type Measurement } from './measurement.js'

/** Live counts by place, in fixed memory and updated in place. */
export interface PlaceCounts {
  readonly byteLength: number
  /** Counts a finished call and its answer event. This is the hot path: it allocates nothing. */
  add(place: number, call: Measurement, event: AnswerEvent): void
  /** Counts an answer event of a pending call. */
  decide(place: number, event: AnswerEvent): void
  /** Returns the JSON form. */
  read(): Required<CountsByPlace>
}

/** Options of counts by place. */
export interface PlaceCountsOptions {
  /** The number of places. */
  readonly places: number
  /** The predicted classes with a row of their own. */
  readonly rows: ClassRows
  /** Longer durations count as this, in microseconds; `Infinity` for no cap. */
  readonly capUs: number
}

/** Creates empty counts. */
export function createPlaceCounts({ places, rows, capUs }: PlaceCountsOptions): PlaceCounts {
  const outcomes = new Float64Array(OUTCOMES.length * places)
  const answers = new Float64Array(2 * places) // decided, then unanswered
  const durationsUs = new Float64Array(places)
  const predictions = new Uint32Array((CLASS_ROWS + 1) * places) // the last row has all labels
  const listAt = (counts: Float64Array | Uint32Array, row: number): readonly number[] =>
    Array.from(counts.subarray(row * places, (row + 1) * places))

  const countAnswer = (place: number, event: AnswerEvent): void => {
    if (event === 'none' || event === 'left-early' || event === 'ended-overdue') return
    answers[place]! += 1
    if (event !== 'answered') answers[places + place]! += 1
  }

  return {
    byteLength: [outcomes, answers, durationsUs, predictions].reduce((sum, { byteLength }) => sum + byteLength, 0),
    add(place, { outcome, bin, values, labelSlot }, event) {
      countAnswer(place, event)
      outcomes[outcome * places + place]! += 1
      if (bin >= 0) durationsUs[place]! += Math.min(values[DURATION_VALUE]!, capUs)
      if (labelSlot < 0) return
      const row = rows.rowOf(labelSlot)
      if (row !== NO_ROW) countInto(predictions, row * places + place)
      countInto(predictions, CLASS_ROWS * places + place)
    },
    decide: countAnswer,
    read: () => ({
      ...finishedIn((outcome) => listAt(outcomes, OUTCOMES.indexOf(outcome))),
      decided: listAt(answers, 0),
      unanswered: listAt(answers, 1),
      latencyMs: Array.from(durationsUs, (us) => us / 1000),
      predictions: rows.names
        .map((name, row) => [name, listAt(predictions, row)] as const)
        .sort(([a], [b]) => (a < b ? -1 : 1)),
      predicted: listAt(predictions, CLASS_ROWS),
    }),
  }
}

/** Returns the finished calls of each place by how they ended. A timeout is also an error. */
function finishedIn(
  of: (outcome: Outcome) => readonly number[],
): Pick<CountsByPlace, 'finished' | 'answered' | 'errors' | 'timeouts' | 'aborted'> {
  const [success, error, timeouts, aborted] = [of('success'), of('error'), of('timeout'), of('aborted')]
  const errors = error.map((count, place) => count + timeouts[place]!)
  const answered = errors.map((count, place) => count + success[place]!)
  const finished = answered.map((count, place) => count + aborted[place]!)
  return { finished, answered, errors, timeouts, aborted }
}
