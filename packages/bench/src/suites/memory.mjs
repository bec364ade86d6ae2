import { createRecorder } from '@model-canary/core/judge'
import { bytesPerCall, heldBytes } from '../harness/heap.mjs'
import { itemAt, LIMIT_MS, observations } from '../harness/observations.mjs'
import { figureRow } from '../harness/row.mjs'

const VARIANTS = 2
const KIB = 1_024

/** The number of recorders that are measured together, so that the memory of everything else does not matter. */
const RECORDERS = 64

/** What the evidence judge lets a recorder keep, with windows that end while the calls of the bench come. */
const WITH_WINDOWS = { windowMs: 50, onWindow: () => {} }

/** In calls of a minute, every place of the sliding window is in use. */
const MINUTE_MS = 60_000

/** Measures the memory of a recorder after few and after many records, and what it allocates for each. */
export async function memory() {
  const described = observations({ described: true, longestMs: LIMIT_MS })
  const scored = openRecorder()
  const allocated = bytesPerCall((records) => fill(scored, described, records), { calls: 1e6 })
  const calls = overAMinute(described) // later: calls of two shapes take longer and allocate
  return [
    ...measured('memory a version', {}, calls),
    ...measured('with windows of the baseline', WITH_WINDOWS, calls),
    bytesRow('with scores in one window', scored),
    figureRow({
      what: 'allocated per record',
      value: allocated,
      most: 0.1,
      unit: 'B',
      note: 'garbage included, over 1e6 records',
    }),
  ]
}

/** Returns calls without scores that end over a minute. */
const overAMinute = (described) =>
  described.map(({ score, ...call }, index) => ({ ...call, at: call.at + (index / described.length) * MINUTE_MS }))

/** Returns what the arrays of a recorder take, and what it takes with all its objects. */
function measured(what, options, calls) {
  const recorders = [openRecorder(options)]
  fill(recorders[0], calls, 1e5) // the memory of the code itself does not belong to a version
  const empty = heldBytes()
  while (recorders.length <= RECORDERS) recorders.push(openRecorder(options))
  const growthKiB = (records) => {
    for (const recorder of recorders) fill(recorder, calls, records)
    return (heldBytes() - empty) / KIB / RECORDERS / VARIANTS
  }
  const rows = [1e3, 1e5].map((records) =>
    figureRow({
      what: `${what}, measured after ${records.toExponential().replace('+', '')} records`,
      value: growthKiB(records),
      most: 64,
      unit: 'KiB',
    }),
  )
  return [bytesRow(what, recorders[0], 64), ...rows]
}

const bytesRow = (what, { byteLength }, most) =>
  figureRow({ what: `${what}, as byteLength says`, value: byteLength / KIB / VARIANTS, most, unit: 'KiB' })

function openRecorder(options) {
  const recorder = createRecorder(options)
  recorder.open({ epoch: 1, step: 1 }, 0)
  return recorder
}

function fill(recorder, calls, records) {
  for (let n = 0; n < records; n++) recorder.record(itemAt(calls, n))
}
