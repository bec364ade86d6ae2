import * as successor from '@prometheus-io/client'
import * as original from 'prom-client'
import { describe, expect, it } from 'vitest'
import { OPEN_METRICS, rolloutWith, samplesOf, summaryWith } from './exporter.fixture.js'
import { prometheusExporter } from './exporter.js'
import { parseExposition } from './parse-exposition.fixture.js'

const counted = {
  canary: {
    outcomes: { success: 2, error: 1, timeout: 0, aborted: 0, rejected: 0, ignored: 0 },
    latencyUs: { count: 3, sum: 4_000, sumOfSquares: 6_000_000 },
    latencyBins: [[300, 3]] as const,
    predictions: { labels: [['a "b"\n\\', 2]] as const, other: 1 },
    score: { count: 1, sum: 0.5, sumOfSquares: 0.25 },
  },
}

const withoutBlankLines = (text: string) => text.replaceAll('\n\n', '\n')

describe.each([
  ['prom-client', original],
  ['@prometheus-io/client', successor],
] as const)('in a registry of %s', (_, { Registry, Counter }) => {
  it('has the same samples as the exporter’s own text', async () => {
    const exporter = prometheusExporter(rolloutWith(counted).rollout)
    const registry = new Registry()
    exporter.register(registry)
    const text = withoutBlankLines(await registry.metrics())
    expect(samplesOf(withoutEmpty(text))).toEqual(samplesOf(exporter.render().body))
  })

  it('has the same samples in the OpenMetrics form, also after a change of the form', async () => {
    const exporter = prometheusExporter(rolloutWith(counted).rollout)
    const registry = new Registry<original.RegistryContentType>()
    exporter.register(registry)
    registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE)
    const open = await registry.metrics()
    expect(open).toContain('# TYPE model_canary_requests counter\nmodel_canary_requests_total{')
    expect(samplesByLine(open)).toEqual(samplesByLine(exporter.render(OPEN_METRICS).body))
    registry.setContentType(Registry.PROMETHEUS_CONTENT_TYPE)
    expect(samplesByLine(await registry.metrics())).toEqual(samplesByLine(exporter.render().body))
  })

  it('is registered with the service’s own metrics, with the registry’s labels', async () => {
    const registry = new Registry()
    new Counter({ name: 'own_total', help: 'Its own.', registers: [registry] as never }).inc(3)
    registry.setDefaultLabels({ pod: 'a' })
    prometheusExporter(rolloutWith(counted).rollout).register(registry)
    const text = await registry.metrics()
    expect(text).toContain('own_total{pod="a"} 3')
    expect(text).toMatch(/model_canary_epoch\{rollout="sentiment",pod="a"\} 1\n/)
  })

  it('reads the rollout once for each scrape', async () => {
    let reads = 0
    const exporter = prometheusExporter({
      ...rolloutWith({}).rollout,
      counts() {
        reads += 1
        return {
          canary: summaryWith({
            outcomes: { success: reads, error: 0, timeout: 0, aborted: 0, rejected: 0, ignored: 0 },
          }),
        }
      },
    })
    const registry = new Registry()
    exporter.register(registry)
    await registry.metrics()
    expect(await registry.metrics()).toContain('outcome="success"} 2')
    expect(reads).toBe(2)
  })

  it('is available as JSON, which a cluster’s master adds up', async () => {
    const exporter = prometheusExporter(rolloutWith(counted).rollout)
    const workers = await Promise.all(
      [new Registry(), new Registry()].map((registry) => {
        exporter.register(registry)
        return registry.getMetricsAsJSON()
      }),
    )
    const { AggregatorRegistry } = { ...original, ...successor }
    const text = await AggregatorRegistry.aggregate(workers as never).metrics()
    expect(text).toMatch(/model_canary_requests_total\{.*variant="canary",outcome="success"\} 4\n/)
    expect(text).toMatch(/model_canary_request_duration_seconds_count\{.*variant="canary"\} 6\n/)
    expect(text).toMatch(/model_canary_weight_ratio\{.*\} 0.05\n/)
  })

  it('is removed, and nothing else with it', async () => {
    const registry = new Registry()
    new Counter({ name: 'own_total', help: 'Its own.', registers: [registry] as never })
    const unregister = prometheusExporter(rolloutWith({}).rollout).register(registry)
    unregister()
    unregister()
    expect(await registry.metrics()).not.toContain('model_canary')
    expect(await registry.metrics()).toContain('own_total')
  })

  it('does not remove a metric that has taken one of its names since', () => {
    const registry = new Registry()
    const unregister = prometheusExporter(rolloutWith({}).rollout).register(registry)
    registry.clear()
    new Counter({ name: 'model_canary_alerts_total', help: 'Another’s.', registers: [registry] as never })
    unregister()
    expect(registry.getMetricsAsArray().length).toBe(1)
  })

  it('refuses a second exporter with advice, and keeps the first one complete', async () => {
    const registry = new Registry()
    prometheusExporter(rolloutWith({}).rollout).register(registry)
    const before = await registry.metrics()
    const second = prometheusExporter({ ...rolloutWith({}).rollout, name: 'toxicity' })
    expect(() => second.register(registry)).toThrow(expect.objectContaining({ code: 'INVALID_NAME' }))
    expect(await registry.metrics()).toBe(before)
  })

  it('registers nothing if one of its names is taken', async () => {
    const registry = new Registry()
    new Counter({ name: 'model_canary_alerts_total', help: 'Another’s.', registers: [registry] as never })
    expect(() => prometheusExporter(rolloutWith({}).rollout).register(registry)).toThrow()
    expect(registry.getMetricsAsArray().length).toBe(1)
  })

  it('keeps the other metrics in the scrape if the rollout cannot be read', async () => {
    const exporter = prometheusExporter({
      ...rolloutWith({}).rollout,
      counts() {
        throw new Error('broken')
      },
    })
    const registry = new Registry()
    new Counter({ name: 'own_total', help: 'Its own.', registers: [registry] as never })
    exporter.register(registry)
    const text = await registry.metrics()
    expect(text).toContain('own_total 0')
    expect(text).toContain('model_canary_failed_scrapes_total{rollout="sentiment"} 1')
    expect(text).not.toContain('model_canary_requests_total{')
    registry.resetMetrics()
  })
})

/** A registry writes the head of a family also where it has no samples. */
function withoutEmpty(text: string): string {
  return text.replace(/# HELP .*\n# TYPE .*\n(?=# HELP|$)/g, '')
}

function samplesByLine(text: string): readonly string[] {
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .sort()
}

describe('the strict reader', () => {
  it.each([
    ['twice', '# HELP a b\n# TYPE a gauge\na 1\na 1\n'],
    ['in no family', '# HELP a b\n# TYPE a gauge\nb 1\n'],
    ['no label', '# HELP a b\n# TYPE a gauge\na{b="c"d"} 1\n'],
    ['no sample', '# HELP a b\n# TYPE a gauge\na one\n'],
    ['is -1', '# HELP a b\n# TYPE a counter\na -1\n'],
    ['no histogram', '# HELP a b\n# TYPE a histogram\na_bucket{le="1.0"} 2\na_bucket{le="+Inf"} 1\na_count 1\n'],
    ['not in one piece', '# HELP a b\n# TYPE a gauge\na 1\n# HELP b b\n# TYPE b gauge\nb 1\n# HELP a b\n'],
  ])('finds the mistake: %s', (message, text) => {
    expect(() => parseExposition(text, 'text')).toThrow(message)
  })
})
