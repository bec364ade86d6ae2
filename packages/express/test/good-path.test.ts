import { once } from 'node:events'
import { createServer, get } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createCanary, errorRate, evidenceJudge, exactStrategy, latency, linearPlan } from '@model-canary/core'
import { manualClock } from '@model-canary/testing'
import express from 'express'
import { expect, it } from 'vitest'
import { canaryMiddleware } from '../src/index.js'

const PREDICTIONS_A_SECOND = 8

it('promotes a sound canary among probes, unknown paths and an event stream that stays open', {
  timeout: 60_000,
}, async () => {
  const clock = manualClock()
  const canary = createCanary({
    name: 'express',
    versions: { baseline: 'v1', canary: 'v2' },
    strategy: exactStrategy(),
    plan: linearPlan([25, 50, 100], { minDurationMs: 10_000, minRequests: 20 }),
    guardrails: [errorRate({ margin: 0.02, limit: 0.1 }), latency({ marginMs: 50 })],
    judge: evidenceJudge({ tickMs: 5_000, minWindows: 8, thresholdWindows: 3, minStepMs: 10_000, graceMs: 10_000 }),
    intervalMs: 5_000,
    warmUp: { weight: 10, durationMs: 10_000 },
    clock,
  })
  await canary.start()

  const app = express()
  app.use(canaryMiddleware(canary))
  app.get('/health', (_req, res) => void res.send('ok'))
  app.get('/events', (_req, res) => void res.write('data: open\n\n'))
  app.get('/predict', async (req, res) => {
    res.send(await req.canary.run({ baseline: async () => 'positive', canary: async () => 'positive' }))
  })
  const server = createServer(app)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const stream = get(`${origin}/events`)
  const [events] = await once(stream, 'response')

  let predictions = 0
  for (let second = 0; second < 300 && canary.status().state !== 'promoted'; second += 1) {
    const paths = ['/health', '/nowhere', ...Array.from({ length: PREDICTIONS_A_SECOND }, () => '/predict')]
    await Promise.all(paths.map(async (path) => (await fetch(origin + path)).text()))
    predictions += PREDICTIONS_A_SECOND
    await clock.advance(1_000)
  }

  expect(canary.status()).toMatchObject({ state: 'promoted', weight: 100 })
  const { v1, v2 } = canary.metrics()
  expect(v1.requestCount + v2.requestCount).toBe(predictions)
  expect(v2).toMatchObject({ errorCount: 0, abortedCount: 0, inFlight: 0 })
  expect(events.destroyed).toBe(false)

  stream.destroy()
  server.closeAllConnections()
  server.close()
  await canary.close()
})
