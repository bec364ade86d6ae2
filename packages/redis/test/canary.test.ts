import { createCanary } from '@model-canary/core'
import { type RunningRedis, realServer, startRedis } from '@model-canary/real-servers'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { laterRecordRules } from '../../core/test/later-records.fixture.js'
import { redisStore } from '../src/index.js'
import { CLIENTS } from './clients.fixture.js'

const connect = CLIENTS['ioredis 6']

realServer({ describe, it }, ['redis-server'], 'canaries on a real Redis', () => {
  let server: RunningRedis
  const closers: (() => unknown)[] = []
  beforeEach(async () => {
    server = await startRedis()
    closers.push(server.close)
  })
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close()
  })

  const canaryOf = async () => {
    const [own, messages] = [await connect(server.port), await connect(server.port)]
    closers.push(own.close, messages.close)
    const canary = createCanary({
      name: 'sentiment',
      versions: { baseline: 'v1', canary: 'v2' },
      store: redisStore(own.client, { name: 'sentiment', listener: messages.client }),
      warmUp: { durationMs: 0 },
      plan: [10, 100],
      intervalMs: 250,
      logger: false,
    })
    closers.push(() => canary.close())
    return canary
  }

  it('follow a rollback of another one, and a later one takes it up', async () => {
    const [one, other] = [await canaryOf(), await canaryOf()]
    await one.start()
    await other.start()
    await expect.poll(() => [one, other].map((each) => each.status().weight), { timeout: 10_000 }).toEqual([10, 10])
    await one.rollback({ reason: 'seen elsewhere' })
    await expect.poll(() => other.status().state, { timeout: 10_000 }).toBe('rolled-back')
    expect(other.status().weight).toBe(0)
    const third = await canaryOf()
    await third.start()
    expect(third.status().state).toBe('rolled-back')
    const [last] = await third.history()
    expect(last).toMatchObject({ action: 'rollback', reason: expect.stringContaining('seen elsewhere') })
  })

  it('are judged by what all of them have served', async () => {
    const canaries = [await canaryOf(), await canaryOf(), await canaryOf()]
    for (const canary of canaries) await canary.start()
    await expect.poll(() => canaries.map((each) => each.status().weight), { timeout: 10_000 }).toEqual([10, 10, 10])
    const calls = 40
    for (const canary of canaries) {
      const predict = canary.wrap(
        { baseline: (_user: string) => 'v1', canary: (_user: string) => 'v2' },
        { key: (user: string) => user },
      )
      for (let at = 0; at < calls; at += 1) predict(`user ${at}`)
    }
    const counted = () => canaries.map((each) => each.status().requests.baseline + each.status().requests.canary)
    await expect.poll(() => Math.max(...counted()), { timeout: 20_000 }).toBe(canaries.length * calls)
  })

  describe('what a later library has written', () => {
    for (const [rule, holds] of Object.entries(laterRecordRules)) {
      it(rule, () =>
        holds(async () => {
          const { client, close } = await connect(server.port)
          closers.push(close)
          return redisStore(client, { name: 'sentiment' })
        }),
      )
    }
  })

  it('roll back while Redis is gone', async () => {
    const canary = await canaryOf()
    await canary.start()
    await expect.poll(() => canary.status().weight, { timeout: 10_000 }).toBe(10)
    await server.kill()
    canary.rollback({ reason: 'seen here' }).catch(() => {})
    await expect.poll(() => canary.status().weight).toBe(0)
  })
})
