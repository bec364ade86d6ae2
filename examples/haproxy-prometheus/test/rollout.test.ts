import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Controller } from '@model-canary/core/controller'
import { realServer, startHaproxy, startPrometheus } from '@model-canary/real-servers'
import { afterEach, describe, expect, it } from 'vitest'
import { haproxyTarget } from '../src/haproxy-target.js'
import { afinn, afinnWithReach, type Model } from '../src/models.js'
import { type Pace, sentimentController } from '../src/rollout.js'
import { modelService } from '../src/service.js'

const TEXTS = [
  'a wonderful film',
  'not very good',
  'the food was terrible',
  'I love it',
  'never again',
  'a rude waiter',
]

/** Times for a rollout of half a minute: a look for every second scrape or so. */
const QUICK: Pace = {
  minDurationMs: 1_500,
  minRequests: 100,
  intervalMs: 500,
  judge: {
    minWindows: 3,
    thresholdWindows: 2,
    tickMs: 500,
    graceMs: 0,
    minStepMs: 500,
    minStepRequests: 50,
    watchMs: 100,
  },
}

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

async function listening(server: Server): Promise<string> {
  await once(server.listen(0, '127.0.0.1'), 'listening')
  closers.push(() => {
    server.close()
    server.closeAllConnections()
  })
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** Two versions, an HAProxy in front of them, a Prometheus that scrapes them, and a controller that talks to both. */
async function scene(canary: Model) {
  const versions = [await listening(modelService('baseline', afinn)), await listening(modelService('canary', canary))]
  const prometheus = await startPrometheus({ scrape: [{ job: 'sentiment', targets: versions }], intervalMs: 250 })
  closers.push(() => prometheus.close())
  const haproxy = await startHaproxy({
    config: ([port]) => `
defaults
  mode http
  timeout connect 2s
  timeout client 10s
  timeout server 10s
frontend predict
  bind 127.0.0.1:${port}
  default_backend sentiment
backend sentiment
  balance roundrobin
  server baseline ${versions[0]} weight 100
  server canary ${versions[1]} weight 0`,
  })
  closers.push(() => haproxy.close())
  const target = haproxyTarget({
    socket: haproxy.socket,
    backend: 'sentiment',
    servers: { baseline: 'baseline', canary: 'canary' },
  })
  const controller = sentimentController(prometheus.url, target, QUICK)
  closers.push(() => controller.close())
  const weights = async () => {
    const told = await Promise.all(
      ['baseline', 'canary'].map((name) => haproxy.runtime(`get weight sentiment/${name}`)),
    )
    return told.map((text) => Number.parseInt(text, 10))
  }
  return { controller, prometheus, weights, front: `http://127.0.0.1:${haproxy.ports[0]}` }
}

/** People who ask until the rollout is over; tells which version answered how often, and with what status. */
async function traffic(front: string, isOver: () => boolean): Promise<ReadonlyMap<string, number>> {
  const answers = new Map<string, number>()
  const person = async (start: number): Promise<void> => {
    for (let at = start; !isOver(); at += 1) {
      const answer = await fetch(`${front}/predict?text=${encodeURIComponent(TEXTS[at % TEXTS.length]!)}`)
      await answer.arrayBuffer()
      const name = `${answer.headers.get('x-model-version')} ${answer.status}`
      answers.set(name, (answers.get(name) ?? 0) + 1)
      await new Promise((resolve) => setTimeout(resolve, 5)) // people think
    }
  }
  await Promise.all(Array.from({ length: 6 }, (_, start) => person(start)))
  return answers
}

const isTerminal = (controller: Controller) => controller.status().reason !== null

realServer({ describe, it }, ['haproxy', 'prometheus'], 'a rollout through HAProxy, judged from Prometheus', () => {
  it('promotes a good version: in the end every request is the canary’s', async () => {
    const { controller, weights, front } = await scene(afinnWithReach)
    const steps: number[] = []
    controller.on('step', ({ to, weight }) => steps.push(...(to > 0 ? [weight] : [])))
    await controller.start()
    const answers = await traffic(front, () => isTerminal(controller))
    expect(controller.status(), controller.explain()).toMatchObject({ state: 'promoted', weight: 100 })
    expect(steps).toEqual([10, 50, 90, 100])
    await expect.poll(() => controller.status().inForce?.weight).toBe(100) // the promotion is decided, then applied
    expect(await weights()).toEqual([0, 100])
    expect([...answers.keys()].sort()).toEqual(['v1 200', 'v2 200'])
    expect((await fetch(`${front}/predict?text=good`)).headers.get('x-model-version')).toBe('v2')
  })

  it('takes a bad version back to 0, with the reason', async () => {
    let calls = 0
    const failing: Model = (text) => {
      calls += 1
      if (calls % 4 === 0) throw new Error('no weights')
      return afinnWithReach(text)
    }
    const { controller, weights, front } = await scene(failing)
    await controller.start()
    await traffic(front, () => isTerminal(controller))
    expect(controller.status(), controller.explain()).toMatchObject({ state: 'rolled-back', weight: 0 })
    expect(controller.explain()).toMatch(/errorRate: error rate/)
    await expect.poll(weights).toEqual([100, 0])
    expect((await fetch(`${front}/predict?text=good`)).headers.get('x-model-version')).toBe('v1')
  })

  it('holds where it is when Prometheus dies, and keeps the weight', async () => {
    const { controller, prometheus, weights, front } = await scene(afinnWithReach)
    const alerts: string[] = []
    controller.on('alert', ({ about, message }) => alerts.push(`${about}: ${message}`))
    await controller.start()
    await prometheus.kill()
    await traffic(front, () => (controller.status().internalErrors.SOURCE_FAILED ?? 0) > 4)
    expect(controller.status()).toMatchObject({ state: 'progressing', step: 1, weight: 10 })
    expect(alerts.at(-1)).toContain('PROMETHEUS_UNREACHABLE')
    expect(await weights()).toEqual([90, 10])
  })
})
