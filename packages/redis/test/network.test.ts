import { type RunningRedis, realServer, startRedis } from '@model-canary/real-servers'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type CallClient, type RedisStore, redisStore } from '../src/index.js'
import { CLIENTS, type Connected } from './clients.fixture.js'
import { type FaultyProxy, startProxy } from './proxy.fixture.js'
import { decisionOf, forever, headOf, reportOf } from './records.fixture.js'

/** A deadline as the controller sets one, in milliseconds. */
const DEADLINE_MS = 300

/** A call that waits for the network waits much longer, in milliseconds; one with a deadline does not on any machine. */
const SOON_MS = 10_000

const soon = (): AbortSignal => AbortSignal.timeout(DEADLINE_MS)

const LATE = { code: 'REDIS_UNANSWERED' }

realServer({ describe, it }, ['redis-server'], 'the network between a store and a real Redis', () => {
  let server: RunningRedis
  let proxy: FaultyProxy
  const closers: (() => unknown)[] = []

  beforeEach(async () => {
    server = await startRedis()
    proxy = await startProxy(server.port)
    closers.push(server.close, proxy.close)
  })
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close()
  })

  const storeOver = async (connect: (port: number) => Promise<Connected>, port: number): Promise<RedisStore> => {
    const { client, close } = await connect(port)
    closers.push(close)
    return redisStore(client, { name: 'sentiment' })
  }

  for (const [name, connect] of Object.entries(CLIENTS)) {
    it(`ends calls at their deadline while nothing goes through, and goes on after that: ${name}`, async () => {
      const store = await storeOver(connect, proxy.port)
      await store.write({ expect: null, head: headOf('a') }, forever)
      proxy.swallow()
      const begun = performance.now()
      await expect(store.load(soon())).rejects.toMatchObject(LATE)
      await expect(store.fleet!.publish(reportOf('one', 1), 'a', soon())).rejects.toMatchObject(LATE)
      expect(performance.now() - begun).toBeLessThan(SOON_MS)
      proxy.heal()
      const publish = () => store.fleet!.publish(reportOf('one', 2), 'a', soon())
      await expect.poll(() => publish().catch(({ code }) => code), { timeout: 10_000 }).toEqual({ lives: 1 })
      expect(store.misrouted()).toBe(0)
    })

    it(`writes and counts once where answers are lost and the client sends its commands again: ${name}`, async () => {
      const store = await storeOver(connect, proxy.port)
      const direct = await storeOver(connect, server.port)
      await store.write({ expect: null, head: headOf('a') }, forever)
      const change = { expect: 'a', head: headOf('b'), decisions: [decisionOf(1)] }
      proxy.mute()
      await expect(store.write(change, soon())).rejects.toMatchObject(LATE)
      await expect(store.fleet!.publish(reportOf('one', 1), 'a', soon())).rejects.toMatchObject(LATE)
      expect((await direct.load(forever))?.head.tag).toBe('b')
      await direct.fleet!.publish(reportOf('one', 2), 'b', forever)
      proxy.heal()
      await expect
        .poll(() => store.write(change, soon()).catch(({ code }) => code), { timeout: 10_000 })
        .toEqual({
          kind: 'written',
        })
      expect((await store.load(forever))?.history).toEqual([decisionOf(1)])
      await store.fleet!.publish(reportOf('one', 1), 'b', soon()) // not every client sends it again by itself
      const { reports } = await store.fleet!.collect({ epoch: 1, visit: 1 }, '', forever)
      expect(reports).toEqual([{ id: 'one', seq: 2, fast: 'counts 2 of one' }])
      expect(store.misrouted()).toBe(0)
    })
  }

  it('hears of a write by the next report while messages do not come', async () => {
    const connect = CLIENTS['ioredis 6']
    const { client, close } = await connect(proxy.port)
    closers.push(close)
    const own = await connect(server.port)
    closers.push(own.close)
    const store = redisStore(own.client, { name: 'sentiment', listener: client })
    const other = await storeOver(connect, server.port)
    const heard: string[] = []
    store.follow(({ tag }) => heard.push(tag))
    await expect.poll(() => server.command('PUBSUB', 'NUMSUB', 'mc:{sentiment}:ch')).toContain(':1')
    await other.write({ expect: null, head: headOf('a') }, forever)
    await expect.poll(() => heard).toEqual(['a'])
    proxy.swallow()
    await other.write({ expect: 'a', head: headOf('b') }, forever)
    expect((await store.fleet!.publish(reportOf('one', 1), 'a', forever)).head).toEqual(headOf('b'))
    expect(heard).toEqual(['a', 'b'])
    proxy.heal()
    await expect
      .poll(() => server.command('PUBSUB', 'NUMSUB', 'mc:{sentiment}:ch'), { timeout: 10_000 })
      .toContain(':1')
    await other.write({ expect: 'b', head: headOf('c') }, forever)
    await expect.poll(() => heard).toEqual(['a', 'b', 'c'])
  })

  it('hears nothing of a rollout with the same name in another database of the server', async () => {
    const connect = CLIENTS['ioredis 6']
    const connected = async () => {
      const { client, close } = await connect(server.port)
      closers.push(close)
      return client
    }
    const [own, foreign, messages] = [await connected(), await connected(), await connected()]
    const store = redisStore(own, { name: 'sentiment', listener: messages })
    await (foreign as CallClient).call('SELECT', '1')
    const other = redisStore(foreign, { name: 'sentiment' })
    const heard: string[] = []
    store.follow(({ tag }) => heard.push(tag))
    await expect.poll(() => server.command('PUBSUB', 'NUMSUB', 'mc:{sentiment}:ch')).toContain(':1')
    await store.write({ expect: null, head: headOf('a') }, forever)
    await other.write({ expect: null, head: headOf('foreign'), isUrgent: true }, forever)
    await other.write({ expect: 'foreign', head: headOf('foreign too'), isUrgent: true }, forever)
    const third = await storeOver(connect, server.port)
    await third.write({ expect: 'a', head: headOf('b') }, forever)
    await expect.poll(() => heard).toContain('b')
    expect(new Set(heard)).toEqual(new Set(['a', 'b']))
  })
})
