import { prometheusExporter } from '@model-canary/prometheus'
import prometheus from 'prom-client'
import { startedCanary } from '../harness/canary.mjs'
import { itemAt, observations } from '../harness/observations.mjs'
import { compare } from '../harness/paired.mjs'
import { ratioRow } from '../harness/row.mjs'

const CALLS = 50_000

/** Measures a scrape of two versions, against as many samples in a registry of prom-client. */
export async function scraping({ rounds }) {
  const canary = await startedCanary()
  const calls = observations({ described: true, count: 2 ** 16 })
  for (let n = 0; n < CALLS; n++) canary.record(itemAt(calls, n))
  const exporter = prometheusExporter(canary)
  const samples = samplesIn(exporter.render().body)
  const registry = registryOf(samples)

  const comparison = await compare(
    {
      exporter: async (scrapes) => {
        let length = 0
        for (let scrape = 0; scrape < scrapes; scrape++) length += bytesOf(exporter.render().body)
        return length
      },
      'prom-client': async (scrapes) => {
        let length = 0
        for (let scrape = 0; scrape < scrapes; scrape++) length += bytesOf(await registry.metrics())
        return length
      },
    },
    { rounds },
  )
  await canary.close()
  return [
    ratioRow(comparison, {
      what: `a scrape of ${samples} samples / prom-client's metrics()`,
      candidate: 'exporter',
      reference: 'prom-client',
      most: 1.2,
    }),
  ]
}

/** Both answers as a service sends them. */
const bytesOf = (text) => Buffer.from(text).length

const samplesIn = (text) => text.split('\n').filter((line) => line !== '' && !line.startsWith('#')).length

/** Returns a registry whose histogram and counter have as many samples. */
function registryOf(samples) {
  const registry = new prometheus.Registry()
  const registers = [registry]
  const labelNames = ['rollout', 'version', 'variant']
  const buckets = Array.from({ length: 64 }, (_, index) => 0.001 * 1.2 ** index)
  const histogram = new prometheus.Histogram({
    name: 'duration_seconds',
    help: 'Durations',
    labelNames,
    buckets,
    registers,
  })
  const counter = new prometheus.Counter({
    name: 'calls_total',
    help: 'Calls',
    labelNames: [...labelNames, 'series'],
    registers,
  })
  const versions = [
    { rollout: 'bench', version: 'v1', variant: 'baseline' },
    { rollout: 'bench', version: 'v2', variant: 'canary' },
  ]
  for (const labels of versions)
    for (let call = 0; call < 1_000; call++) histogram.observe(labels, 0.001 * (call % 500))
  const rest = samples - versions.length * (buckets.length + 3)
  for (let series = 0; series < rest; series++) counter.inc({ ...versions[0], series: String(series) })
  return registry
}
