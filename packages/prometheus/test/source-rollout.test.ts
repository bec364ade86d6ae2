import { errorRate, evidenceJudge, latency, linearPlan } from '@model-canary/core'
import { createController, type Target } from '@model-canary/core/controller'
import { realServer, startPrometheus } from '@model-canary/real-servers'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { prometheusSource } from '../src/index.js'
import { countingQueries, countingService } from './counting-service.fixture.js'
import type { Closer } from './source.fixture.js'

const INTERVAL_MS = 500

realServer({ describe, it }, ['prometheus'], 'a rollout that sees nothing but a real Prometheus', () => {
  const closers: Closer[] = []
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close()
  })

  /** Two versions of a service, a Prometheus that scrapes both, and a controller that reads it. */
  async function rollout(canaryFails: (request: number) => boolean) {
    const services = { baseline: await countingService('v1', closers), canary: await countingService('v2', closers) }
    const prometheus = await startPrometheus({
      intervalMs: 200,
      scrape: [{ job: 'answers', targets: [services.baseline.address, services.canary.address] }],
    })
    closers.push(() => prometheus.close())
    const weights: number[] = []
    const target: Target = { apply: async ({ weight }) => void weights.push(weight) }
    await services.baseline.send(1)
    await services.canary.send(1)
    await vi.waitFor(() => expect(services.canary.scrapes + services.baseline.scrapes).toBeGreaterThan(4), 20_000)

    const controller = createController({
      name: 'answers',
      plan: linearPlan([30, 100], { minDurationMs: 2 * INTERVAL_MS, minRequests: 100 }),
      guardrails: [errorRate({ margin: 0.1 }), latency({ marginMs: 500 })],
      judge: evidenceJudge({
        minWindows: 2,
        thresholdWindows: 1,
        tickMs: INTERVAL_MS,
        minStepMs: INTERVAL_MS,
        meanBlockMs: INTERVAL_MS,
        graceMs: 0,
      }),
      warmUp: { durationMs: 0 },
      bake: { durationMs: 2 * INTERVAL_MS },
      intervalMs: INTERVAL_MS,
      source: prometheusSource({
        url: prometheus.url,
        queries: { baseline: countingQueries('v1'), canary: countingQueries('v2') },
      }),
      target,
    })
    const ended = new AbortController()
    const traffic = (async () => {
      for (let request = 0; !ended.signal.aborted; request++) {
        const isCanary = (request * 37) % 100 < (weights.at(-1) ?? 0)
        const isError = isCanary ? canaryFails(request) : request % 50 === 0
        const service = isCanary ? services.canary : services.baseline
        await service.send(1, isError ? { outcome: 'error' } : {})
      }
    })()
    closers.push(async () => {
      ended.abort()
      await traffic
      await controller.close()
    })
    return { status: await controller.run({ signal: AbortSignal.timeout(80_000) }), weights }
  }

  it('promotes a canary that is as good as the baseline', async () => {
    const { status, weights } = await rollout((request) => request % 50 === 1)
    expect(status.state).toBe('promoted')
    expect(weights.filter((weight, at) => weight !== weights[at - 1])).toEqual([0, 30, 90, 100])
  }, 120_000)

  it('rolls back a canary that fails every third time', async () => {
    const { status, weights } = await rollout((request) => request % 3 === 0)
    expect(status).toMatchObject({ state: 'rolled-back' })
    expect(status.reason).toContain('error')
    expect(weights.at(-1)).toBe(0)
    expect(Math.max(...weights)).toBe(30)
  }, 120_000)
})
