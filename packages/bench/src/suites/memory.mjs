import { createRecorder } from '@model-canary/core/judge'
import { bytesPerCall, heldBytes } from '../harness/heap.mjs'
import { itemAt, observations } from '../harness/observations.mjs'
import { figureRow } from '../harness/row.mjs'

const VARIANTS = 2
const KIB = 1_024

/** The number of recorders that are measured together, so that the memory of everything else does not matter. */
const RECORDERS = 16

/** Measures the memory of a recorder after few and after many records, and what it allocates for each. */
export async function memory() {
  const calls = observations({ described: true })
  fill(openRecorder(), calls, 1e6) // the memory of the code itself does not belong to a version
  const recorders = []
  const empty = heldBytes()
  for (let made = 0; made < RECORDERS; made++) recorders.push(openRecorder())
  const growthKiB = (records) => {
    for (const recorder of recorders) fill(recorder, calls, records / RECORDERS)
    return (heldBytes() - empty) / KIB / RECORDERS / VARIANTS
  }
  const rows = [1e3, 1e6].map((records) =>
    figureRow({
      what: `memory a version after ${records.toExponential().replace('+', '')} records`,
      value: growthKiB(records * RECORDERS),
      most: 64,
      unit: 'KiB',
    }),
  )
  return [
    figureRow({
      what: 'memory a version, as byteLength says',
      value: recorders[0].byteLength / KIB / VARIANTS,
      most: 64,
      unit: 'KiB',
    }),
    ...rows,
    figureRow({
      what: 'allocated per record',
      value: bytesPerCall((records) => fill(recorders[0], calls, records), { calls: 1e6 }),
      most: 0.1,
      unit: 'B',
      note: 'garbage included, over 1e6 records',
    }),
  ]
}

function openRecorder() {
  const recorder = createRecorder()
  recorder.open({ epoch: 1, step: 1 }, 0)
  return recorder
}

function fill(recorder, calls, records) {
  for (let n = 0; n < records; n++) recorder.record(itemAt(calls, n))
}
