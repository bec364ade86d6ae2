import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { type ModelPair, sentimentApp } from '../src/app.js'
import { sentimentCanary } from '../src/canary.js'
import { afinn, afinnWithReach } from '../src/models.js'

const TEXTS = ['a wonderful film', 'not good', 'the food was terrible', 'I love it', 'not bad', 'a rude waiter']

/** Times for a rollout of a second or two. */
const QUICK = {
  tickMs: 20,
  minWindows: 10,
  thresholdWindows: 3,
  graceMs: 0,
  minStepMs: 20,
  meanBlockMs: 20,
  watchMs: 5,
}

const closers: (() => unknown)[] = []

afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

async function startedService(models?: ModelPair) {
  const canary = sentimentCanary({ minDurationMs: 20, minRequests: 50, intervalMs: 10, judge: QUICK })
  const server = createServer(sentimentApp(canary, models).callback())
  closers.push(
    () => server.closeAllConnections(),
    () => server.close(),
    () => canary.close(),
  )
  await canary.start()
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const predict = (text: string, user: string) =>
    fetch(`${origin}/predict?text=${encodeURIComponent(text)}`, { headers: { 'x-user-id': user } })

  /** Every user asks every text, so that both versions are asked the same. */
  const askUntil = async (state: string, mostUsers = 2_000): Promise<Set<number>> => {
    const statuses = new Set<number>()
    for (let user = 0; user < mostUsers && canary.status().state !== state; user += 1) {
      const answers = await Promise.all(TEXTS.map((text) => predict(text, `user-${user}`)))
      for (const answer of answers) {
        statuses.add(answer.status)
        await answer.arrayBuffer()
      }
    }
    expect(canary.status(), canary.explain()).toMatchObject({ state })
    return statuses
  }
  return { canary, origin, predict, askUntil }
}

describe('the models', () => {
  it('differ where a negation is further away', () => {
    expect(afinn('not good').prediction).toBe('negative')
    expect(afinn('not very good').prediction).toBe('positive')
    expect(afinnWithReach('not very good').prediction).toBe('negative')
    expect(afinnWithReach('very good').prediction).toBe('positive')
  })
})

describe('the service', () => {
  it('promotes the better model', async () => {
    const { canary, predict, askUntil } = await startedService()
    expect(await askUntil('promoted')).toEqual(new Set([200]))
    const answer = await predict('not very good', 'anybody')
    expect(answer.headers.get('x-model-version')).toBe('v2')
    expect(await answer.json()).toEqual({ prediction: 'negative', score: -3 })
    expect(canary.status()).toMatchObject({ weight: 100 })
  })

  it('rolls a broken model back', async () => {
    const broken = () => {
      throw new Error('no weights')
    }
    const { canary, predict, askUntil } = await startedService({ baseline: afinn, canary: broken })
    await askUntil('rolled-back')
    const answer = await predict('not very good', 'anybody')
    expect(answer.headers.get('x-model-version')).toBe('v1')
    expect(canary.status()).toMatchObject({ weight: 0 })
  })

  it('counts what the models are asked, and nothing else', async () => {
    const { canary, origin, predict } = await startedService()
    expect((await fetch(`${origin}/health`)).status).toBe(200)
    expect((await fetch(`${origin}/nowhere`)).status).toBe(404)
    expect((await fetch(`${origin}/predict`)).status).toBe(400)
    expect((await predict('a wonderful film', 'ann')).status).toBe(200)
    const metrics = (await (await fetch(`${origin}/canary/metrics`)).json()) as ReturnType<typeof canary.metrics>
    expect(metrics.v1.requestCount + metrics.v2.requestCount).toBe(1)
  })
})
