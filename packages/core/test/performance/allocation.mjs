// Prints as JSON what the core given as a file allocates. Run with --expose-gc and a young generation
// of 128 MiB, so that no garbage is collected while it is counted.
import { pathToFileURL } from 'node:url'

const { createRecorder } = await import(pathToFileURL(process.argv[2]).href)

const RECORDS = 1e6
const calls = Array.from({ length: 512 }, (_, index) => ({
  variant: index % 10 === 0 ? 'canary' : 'baseline',
  at: 1_000.5 + index * 0.25,
  durationMs: 5 + (index % 97) / 7,
  outcome: index % 100 === 0 ? 'error' : 'success',
  prediction: index % 3 === 0 ? 'positive' : 'negative',
  score: (index % 31) / 31,
}))

function fill(recorder, records) {
  for (let n = 0; n < records; n++) recorder.record(calls[n & 511])
}

function heap() {
  globalThis.gc()
  globalThis.gc()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return { heapUsed, held: heapUsed + arrayBuffers }
}

function open() {
  const recorder = createRecorder()
  recorder.open({ epoch: 1, step: 1 }, 0)
  return recorder
}

for (let made = 0; made < 32; made++) fill(open(), 1_000) // the code itself is no version's
const warm = open()
fill(warm, RECORDS)
const perRecord = Array.from({ length: 5 }, () => {
  const before = heap().heapUsed
  fill(warm, RECORDS)
  return (process.memoryUsage().heapUsed - before) / RECORDS
})

const empty = heap().held
const recorders = Array.from({ length: 16 }, open)
const heldAfter = (records) => {
  for (const recorder of recorders) fill(recorder, records)
  return (heap().held - empty) / recorders.length / 2
}
const heldFew = heldAfter(1_000)
const heldMany = heldAfter(RECORDS)

const result = {
  bytesPerRecord: Math.min(...perRecord),
  bytesAVersion: warm.byteLength / 2,
  heldFew,
  heldMany,
}
console.log(JSON.stringify(result))
if (recorders.some((recorder) => recorder.read('step', 0).baseline.begun === 0)) process.exitCode = 1
