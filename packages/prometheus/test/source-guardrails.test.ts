import { type Guardrail, rejectedRate, unansweredRate } from '@model-canary/core'
import { createController } from '@model-canary/core/controller'
import { manualClock } from '@model-canary/testing'
import { afterEach, expect, it } from 'vitest'
import { exporterQueries, istioQueries, prometheusSource } from '../src/index.js'
import { type Closer, madePrometheus } from './source.fixture.js'

const closers: Closer[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

/** A controller over an empty Prometheus, and its alerts about guardrails. */
async function controllerOver(queries: Parameters<typeof prometheusSource>[0]['queries'], guardrails?: Guardrail[]) {
  const { url } = await madePrometheus(() => [], closers)
  const clock = manualClock()
  const controller = createController({
    name: 'sentiment',
    source: prometheusSource({ url, queries, clock }),
    target: { apply: async () => {} },
    clock,
    ...(guardrails && { guardrails }),
  })
  closers.push(() => controller.close())
  const alerts: string[] = []
  controller.on('alert', ({ about, message }) => {
    if (about === 'guardrails') alerts.push(message)
  })
  return { controller, alerts, clock }
}

const mesh = istioQueries({ service: 'sentiment', versions: { baseline: 'v1', canary: 'v2' } })

it.each([
  ['the exporter', exporterQueries({ rollout: 'sentiment' }), ['rejectedRate']],
  ['a mesh', mesh, ['unansweredRate', 'rejectedRate']],
])(
  'omits default guardrails that the counts of %s cannot answer, and reports that once',
  async (_, queries, leftOut) => {
    const { controller, alerts, clock } = await controllerOver(queries)
    await controller.start()
    await clock.advance(60_000)
    expect(controller.status().leftOut).toEqual(leftOut)
    expect(alerts).toEqual([`the source cannot answer ${leftOut.join(', ')}; this rollout is judged without`])
  },
)

it('refuses a named guardrail that cannot be answered', async () => {
  const refusal = '[GUARDRAIL_NEEDS] "rejectedRate" is a rejectedRate; this source supports errorRate, '
  await expect(controllerOver(exporterQueries({ rollout: 'sentiment' }), [rejectedRate()])).rejects.toThrow(refusal)
  await expect(controllerOver(exporterQueries({ rollout: 'sentiment' }), [unansweredRate()])).resolves.toBeDefined()
})
