// Prints as JSON how much memory a bundle of core allocates. Run with --expose-gc and a young generation
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

const flights = calls.map(({ variant, at, durationMs }, index) => ({
  variant,
  startedAt: at - durationMs,
  origin: { epoch: 1, step: 1, reason: 'split' },
  key: `user-${index}`,
  previous: null,
  next: null,
}))

/** Flights that the baseline serves alone, which are counted by their routing buckets too. */
const idleFlights = calls.map(({ at, durationMs }, index) => ({
  variant: 'baseline',
  startedAt: at - durationMs,
  origin: { epoch: 1, step: 1, reason: 'disabled', bucket: index * 19 },
  key: `user-${index}`,
  previous: null,
  next: null,
}))

const flying = (those) => (recorder, records) => {
  for (let n = 0; n < records; n++) {
    const flight = those[n & 511]
    recorder.begin(flight)
    recorder.end(flight, calls[n & 511])
  }
}

const [fly, flyIdle] = [flights, idleFlights].map(flying)

function fill(recorder, records) {
  for (let n = 0; n < records; n++) recorder.record(calls[n & 511])
}

function heap() {
  for (let i = 0; i < 8; i++) globalThis.gc()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return { heapUsed, held: heapUsed + arrayBuffers }
}

function open() {
  const recorder = createRecorder({ windowMs: 15_000, onWindow() {} }) // all that it can be asked to keep
  recorder.open({ epoch: 1, step: 1 }, 0)
  recorder.cutStrata({ capMs: 15, tailBins: [700, 800], classes: ['positive'], metrics: ['paid'] })
  return recorder
}

function bytesPerCall(make) {
  const warm = open()
  make(warm, RECORDS)
  const rounds = Array.from({ length: 5 }, () => {
    const before = heap().heapUsed
    make(warm, RECORDS)
    return (process.memoryUsage().heapUsed - before) / RECORDS
  })
  return Math.min(...rounds)
}

for (let made = 0; made < 32; made++) fill(open(), 1_000) // the code itself is no version's
const bytesPerRecord = bytesPerCall(fill)
const bytesPerFlight = bytesPerCall(fly)
const bytesPerIdleFlight = bytesPerCall(flyIdle)

const empty = heap().held
const recorders = Array.from({ length: 16 }, open)
const heldAfter = (records) => {
  for (const recorder of recorders) fill(recorder, records)
  return (heap().held - empty) / recorders.length / 2
}
const heldFew = heldAfter(1_000)
const heldMany = heldAfter(RECORDS)

const result = {
  bytesPerRecord,
  bytesPerFlight,
  bytesPerIdleFlight,
  bytesAVersion: recorders[0].byteLength / 2,
  heldFew,
  heldMany,
}
console.log(JSON.stringify(result))
if (recorders.some((recorder) => recorder.read('step', 0).baseline.begun === 0)) process.exitCode = 1
