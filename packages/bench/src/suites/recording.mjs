import { createHistogram } from 'node:perf_hooks'
import { createRecorder } from '@model-canary/core/judge'
import hdr from 'hdr-histogram-js'
import prometheus from 'prom-client'
import { startedCanary } from '../harness/canary.mjs'
import { itemAt, observations } from '../harness/observations.mjs'
import { compare } from '../harness/paired.mjs'
import { ratioRow } from '../harness/row.mjs'

/** A call of a user while the baseline serves alone, which is also counted by its stratum. */
const ALONE = { epoch: 1, step: 0, reason: 'disabled', bucket: 1_234 }

/** Measures the cost of recording a finished call, and whether `metrics()` stays fast after many calls. */
export async function recording({ rounds }) {
  return [...(await recordOne(rounds)), ...(await recordMore(rounds)), ...(await readAll(rounds))]
}

/** Calls of one shape, as in a service. The second comparison has other shapes, so it comes later. */
async function recordOne(rounds) {
  const comparison = await compare(
    { record: recordBatch(), 'prom-client': promBatch(), 'hdr-histogram-js': hdrBatch(), perf_hooks: nativeBatch() },
    { rounds },
  )
  const record = (what, reference, most) => ratioRow(comparison, { what, candidate: 'record', reference, most })
  return [
    record('record / prom-client observe, two labels', 'prom-client', 0.08),
    record('record / perf_hooks record', 'perf_hooks', 2),
    record('record / hdr-histogram-js recordValue', 'hdr-histogram-js'),
  ]
}

async function recordMore(rounds) {
  const canary = await startedCanary()
  const comparison = await compare(
    {
      'by stratum': recordBatch({ origin: ALONE }),
      described: recordBatch({ described: true }),
      'canary.record': canaryRecordBatch(canary),
      'prom-client': promBatch(),
    },
    { rounds },
  )
  await canary.close()
  const row = (what, candidate, most) => ratioRow(comparison, { what, candidate, reference: 'prom-client', most })
  return [
    row('record of a user while the baseline serves alone / prom-client', 'by stratum', 0.1),
    row('record with class and score / prom-client', 'described'),
    row('canary.record, which reads the clock / prom-client', 'canary.record'),
  ]
}

async function readAll(rounds) {
  const [few, many] = [await canaryAfter(1e3), await canaryAfter(1e6)]
  const comparison = await compare({ few: metricsBatch(few), many: metricsBatch(many) }, { rounds })
  await Promise.all([few.close(), many.close()])
  return [
    ratioRow(comparison, {
      what: 'metrics() after 1e6 records / after 1e3',
      candidate: 'many',
      reference: 'few',
      most: 1.2,
    }),
  ]
}

async function canaryAfter(records) {
  const canary = await startedCanary()
  const calls = observations({ described: true, count: 2 ** 16 })
  for (let n = 0; n < records; n++) canary.record(itemAt(calls, n))
  return canary
}

function metricsBatch(canary) {
  return (calls) => {
    let sum = 0
    for (let call = 0; call < calls; call++) sum += canary.metrics().v1.p99LatencyMs
    return sum
  }
}

function recordBatch({ origin, ...options } = {}) {
  const recorder = createRecorder()
  recorder.open({ epoch: 1, step: 1 }, 0)
  const items = observations(options)
  return (calls) => {
    for (let call = 0; call < calls; call++) recorder.record(itemAt(items, call), origin)
    return recorder.read('rollout', 0).baseline.begun
  }
}

function canaryRecordBatch(canary) {
  const items = observations()
  return (calls) => {
    for (let call = 0; call < calls; call++) canary.record(itemAt(items, call))
    return canary.metrics().v1.requestCount
  }
}

function promBatch() {
  const histogram = new prometheus.Histogram({
    name: 'predict_seconds',
    help: 'How long predictions take',
    labelNames: ['version', 'outcome'],
    registers: [],
  })
  const items = observations()
  let seen = 0
  return (calls) => {
    for (let call = 0; call < calls; call++) {
      const { variant, outcome, durationMs } = itemAt(items, call)
      histogram.observe({ version: variant, outcome }, durationMs / 1_000)
    }
    return (seen += calls)
  }
}

function hdrBatch() {
  const histogram = hdr.build({ numberOfSignificantValueDigits: 2, highestTrackableValue: 2 ** 30 })
  const items = observations()
  return (calls) => {
    for (let call = 0; call < calls; call++) histogram.recordValue(Math.round(itemAt(items, call).durationMs * 1_000))
    return histogram.totalCount
  }
}

function nativeBatch() {
  const histogram = createHistogram({ lowest: 1, highest: 2 ** 30, figures: 2 })
  const items = observations()
  return (calls) => {
    for (let call = 0; call < calls; call++)
      histogram.record(Math.max(1, Math.round(itemAt(items, call).durationMs * 1_000)))
    return histogram.count
  }
}
