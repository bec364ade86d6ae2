import { describe, expect, it } from 'vitest'
import type { ExportedRollout } from './exported-rollout.js'
import { checkWith, evidenceOf, fullRollout, rolloutWith, statusWith, summaryWith } from './exporter.fixture.js'
import { type PrometheusExporter, prometheusExporter } from './exporter.js'

/** A family as a registry reads it. */
interface ReadFamily {
  readonly name: string
  readonly help: string
  readonly type: string
  readonly values: readonly {
    readonly labels: Readonly<Record<string, string>>
    readonly value: number
    readonly metricName?: string
  }[]
}

describe('a scrape', () => {
  it('is what a plain writer makes of the samples, byte for byte, each time', async () => {
    let scrapes = 0
    const exporter = prometheusExporter([fullRollout({ classes: 50, guardrails: 12 }), changingRollout(() => scrapes)])
    for (; scrapes < 4; scrapes++) expect(exporter.render().body).toBe(await plainlyWritten(exporter))
  })

  it('has labels of its own for each rollout, also where their words are the same', () => {
    const { body } = prometheusExporter([
      fullRollout(),
      { ...fullRollout(), name: 'toxicity', versions: { baseline: 'v2', canary: 'v1' } },
    ]).render()
    expect(body).toContain(
      'model_canary_requests_total{rollout="sentiment",version="v1",variant="baseline",outcome="error"} 20\n',
    )
    expect(body).toContain(
      'model_canary_requests_total{rollout="toxicity",version="v1",variant="canary",outcome="error"} 20\n',
    )
  })
})

/** Returns a rollout whose counts, classes, guardrails and state are others at each scrape, with hostile names. */
function changingRollout(scrape: () => number): ExportedRollout {
  const metrics = () => [[`cost "${scrape()}"`, { count: 1, sum: -scrape(), sumOfSquares: 1e21 }] as const]
  const arm = () =>
    summaryWith({
      predictions: {
        labels: [
          ['\\', scrape()],
          [`line\n${scrape()}`, 0.1],
        ],
        other: 5e9,
      },
      latencyUs: { count: scrape(), sum: Number.NaN, sumOfSquares: Number.POSITIVE_INFINITY },
      latencyBins: [[400 * scrape(), 1 + scrape()]],
      score: { count: 1, sum: Number.NEGATIVE_INFINITY, sumOfSquares: 0 },
      metrics: metrics(),
    })
  return {
    ...rolloutWith({}).rollout,
    name: 'toxicity',
    counts: () => (scrape() === 2 ? { canary: arm() } : { baseline: arm(), canary: arm() }),
    status: () =>
      statusWith({
        mode: scrape() === 3 ? 'observe' : 'enforce',
        state: scrape() === 1 ? 'paused' : 'progressing',
        internalErrors: { STORE_FAILED: scrape() },
        checks: [checkWith(`guardrail "${scrape() % 2}"`, { evidence: evidenceOf(scrape(), 1 / 3) })],
      }),
  }
}

/** Writes what a registry reads from an exporter, in the text format. */
async function plainlyWritten(exporter: PrometheusExporter): Promise<string> {
  const metrics: { get(): Promise<ReadFamily> }[] = []
  exporter.register({
    contentType: 'text/plain; version=0.0.4',
    registerMetric: (metric) => void metrics.push(metric),
    getSingleMetric: () => undefined,
    removeSingleMetric: () => {},
  })
  const families = await Promise.all(metrics.map((metric) => metric.get()))
  return families
    .filter(({ values }) => values.length > 0)
    .map(({ name, help, type, values }) => {
      const lines = values.map(({ labels, value, metricName }) => {
        const shown = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`)
        return `${metricName ?? name}{${shown.join(',')}} ${String(value).replace('Infinity', 'Inf').replace(/^I/, '+I')}\n`
      })
      return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`
    })
    .join('')
}

const escaped = (text: string): string => text.replace(/[\\"\n]/g, (mark) => (mark === '\n' ? '\\n' : `\\${mark}`))
