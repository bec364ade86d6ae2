import { errorRate, linearPlan, unansweredRate } from '@model-canary/core'
import { createController } from '@model-canary/core/controller'
import { emptySummary, type Summary } from '@model-canary/core/judge'
import { manualClock } from '@model-canary/testing'
import { afterEach, expect, it, vi } from 'vitest'
import { parseExposition } from '../src/exporter/parse-exposition.fixture.js'
import { exporterQueries, prometheusExporter, prometheusSource } from '../src/index.js'
import { type Closer, listen, type MadeSeries, madePrometheus } from './source.fixture.js'

const closers: Closer[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

const SECOND = 1_000
const SCRAPE_MS = 30 * SECOND

/** The labels that a selector asks to be equal, and those that must not match. */
function asksFor(query: string) {
  const matchers = [...query.matchAll(/(\w+)(=~|!~|!=|=)"([^"]*)"/g)]
  return (name: string, labels: Readonly<Record<string, string>>) =>
    query.startsWith(`${name}{`) &&
    matchers.every(([, label, operator, value]) => {
      const text = labels[label!] ?? ''
      return operator === '=' ? text === value : operator === '!~' && !new RegExp(`^(?:${value})$`).test(text)
    })
}

/** A service with an exporter that is scraped, and a controller that sees its scrapes alone. */
async function rollout(bake: { holdbackPercent?: number }) {
  const clock = manualClock({ startMs: Date.UTC(2026, 0, 1) })
  const service = { weight: 0, hangs: 0 }
  const totals = { baseline: [0, 0], canary: [0, 0] }
  const exporter = prometheusExporter({
    name: 'sentiment',
    versions: { baseline: 'v1', canary: 'v2' },
    counts: () => ({ baseline: summary('baseline'), canary: summary('canary') }),
  })
  const { address } = await listen(exporter.handler, closers)
  const series = new Map<string, { name: string; labels: Record<string, string>; samples: [number, number][] }>()

  function summary(which: 'baseline' | 'canary'): Summary {
    const [answered, hung] = totals[which] as [number, number]
    return {
      ...emptySummary(),
      begun: answered + hung,
      outcomes: { ...emptySummary().outcomes, success: answered },
      answers: { decided: answered + hung, unanswered: hung, ended: 0, leftEarly: 0 },
    }
  }
  async function scrape() {
    const requests = (20 * SCRAPE_MS) / SECOND
    const canary = (requests * service.weight) / 100
    totals.baseline[0]! += Math.round(requests - canary)
    totals.canary[0]! += Math.round(canary * (1 - service.hangs))
    totals.canary[1]! += Math.round(canary * service.hangs)
    const text = await (await fetch(`http://${address}`)).text()
    for (const { samples } of parseExposition(text, 'text').values()) {
      for (const { name, labels, value } of samples) {
        const key = JSON.stringify([name, labels])
        const one = series.get(key) ?? { name, labels: { ...labels }, samples: [] }
        one.samples.push([clock.now(), value])
        series.set(key, one)
      }
    }
  }
  const { url } = await madePrometheus((query) => {
    const isAsked = asksFor(query)
    return [...series.values()].filter(({ name, labels }) => isAsked(name, labels)) satisfies readonly MadeSeries[]
  }, closers)
  const controller = createController({
    name: 'sentiment',
    plan: linearPlan([50, 100], { minDurationMs: 60 * SECOND, minRequests: 50 }),
    guardrails: [errorRate(), unansweredRate()],
    warmUp: { durationMs: 0 },
    bake: { durationMs: 3_600 * SECOND, ...bake },
    source: prometheusSource({ url, queries: exporterQueries({ rollout: 'sentiment' }), clock }),
    target: { apply: async ({ weight }) => void (service.weight = weight) },
    intervalMs: SCRAPE_MS,
    clock,
  })
  closers.push(() => controller.close())
  await scrape()
  await scrape()
  await controller.start()
  const turn = async () => {
    await clock.advance(SCRAPE_MS - 2 * SECOND)
    await scrape()
    await clock.advance(2 * SECOND)
    await controller.evaluate()
  }
  return { controller, service, turn }
}

it.each([
  [
    'without a baseline',
    { holdbackPercent: 0 },
    100,
    /^180 of the last 600 requests brought their callers nothing; before,/,
  ],
  ['beside its baseline', {}, 90, /^unansweredRate: rate of unanswered requests 5 % of 3240 against 0 % of 360: /],
])('rolls a canary back that bakes %s and whose calls hang, by the counts of the exporter alone', async (...asked) => {
  const [, bake, weight, reason] = asked
  const { controller, service, turn } = await rollout(bake)
  for (let turns = 0; turns < 100 && controller.status().state !== 'baking'; turns++) await turn()
  for (let turns = 0; turns < 6; turns++) await turn()
  expect(controller.status()).toMatchObject({ state: 'baking', weight })

  service.hangs = 0.3
  for (let turns = 0; turns < 4; turns++) await turn()
  await vi.waitFor(() => expect(service.weight).toBe(0))
  expect(controller.status()).toMatchObject({ state: 'rolled-back', weight: 0 })
  expect(controller.status().reason).toMatch(reason)
})
