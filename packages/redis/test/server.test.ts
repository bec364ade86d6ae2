import { readFileSync } from 'node:fs'
import { type RunningRedis, realServer, startRedis } from '@model-canary/real-servers'
import { Cluster } from 'ioredis'
import { afterEach, describe, expect, it } from 'vitest'
import { type CallClient, type RedisStore, redisStore } from '../src/index.js'
import { CLIENTS, type Connect } from './clients.fixture.js'
import { bodyOf, decisionOf, forever, headOf, reportOf } from './records.fixture.js'

const STAY = { epoch: 1, visit: 1 }

const soon = (): AbortSignal => AbortSignal.timeout(300)

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')

describe.each(['redis-server', 'valkey-server'] as const)('%s', (program) => {
  realServer({ describe, it }, [program], `a store on a real ${program} that is in trouble`, () => {
    const closers: (() => unknown)[] = []
    afterEach(async () => {
      for (const close of closers.splice(0).reverse()) await close()
    })

    const start = async (...flags: readonly string[]): Promise<RunningRedis> => {
      const server = await startRedis({ program, flags })
      closers.push(server.close)
      return server
    }
    const storeOn = async (port: number, connect: Connect = CLIENTS['ioredis 6'], user?: Parameters<Connect>[1]) => {
      const { client, close } = await connect(port, user)
      closers.push(close)
      return redisStore(client, { name: 'sentiment' })
    }

    it('goes on after its scripts were flushed', async () => {
      const server = await start()
      const store = await storeOn(server.port)
      await store.write({ expect: null, head: headOf('a') }, forever)
      expect(await server.command('SCRIPT', 'FLUSH')).toBe('+OK\r\n')
      expect(await store.write({ expect: 'a', head: headOf('b') }, forever)).toEqual({ kind: 'written' })
      expect(await server.command('INFO', 'memory')).toContain('number_of_cached_scripts:1\r\n')
    })

    it('fails while the server is a replica, and goes on once it is the primary again', async () => {
      const server = await start()
      const store = await storeOn(server.port)
      await store.write({ expect: null, head: headOf('a') }, forever)
      await server.command('REPLICAOF', '127.0.0.1', '1')
      const write = () => store.write({ expect: 'a', head: headOf('b') }, soon())
      await expect(write()).rejects.toMatchObject({
        code: 'REDIS_FAILED',
        message: expect.stringContaining('READONLY'),
      })
      await expect(store.fleet!.publish(reportOf('one', 1), 'a', soon())).rejects.toMatchObject({
        code: 'REDIS_FAILED',
      })
      await server.command('REPLICAOF', 'NO', 'ONE')
      await expect.poll(() => write().catch(({ code }) => code)).toEqual({ kind: 'written' })
    })

    it('fails while a script of another program runs, and goes on after that', async () => {
      const server = await start('--lua-time-limit', '20')
      const store = await storeOn(server.port)
      await store.write({ expect: null, head: headOf('a') }, forever)
      server.command('EVAL', 'while true do end', '0').catch(() => {})
      const publish = () => store.fleet!.publish(reportOf('one', 1), 'a', soon())
      await expect.poll(() => publish().catch((error) => error.message), { timeout: 10_000 }).toContain('BUSY')
      await server.command('SCRIPT', 'KILL')
      await expect.poll(() => publish().catch(({ code }) => code)).toEqual({ lives: 1 })
    })

    it('writes, reports and takes the lease while the memory is full', async () => {
      const server = await start('--maxmemory', '3mb', '--maxmemory-policy', 'noeviction')
      const store = await storeOn(server.port)
      const fill = async () => {
        for (let at = 0; at < 400; at += 1) {
          if ((await server.command('SET', `filler ${at}`, 'x'.repeat(20_000))).startsWith('-OOM')) return
        }
        throw new Error('the memory is not full')
      }
      await fill()
      expect(await store.write({ expect: null, head: headOf('a'), body: bodyOf('x') }, forever)).toEqual({
        kind: 'written',
      })
      expect((await store.fleet!.lease({ id: 'one', ttlMs: 60_000, leastFence: 0 }, forever)).isMine).toBe(true)
      expect(await store.fleet!.publish(reportOf('one', 1), 'a', forever)).toEqual({ lives: 1 })
      expect((await store.load(forever))?.body).toEqual(bodyOf('x'))
      expect(await server.command('SET', 'filler', 'x'.repeat(20_000))).toContain('-OOM')
    })

    it('begins anew after the server was killed and came back empty', async () => {
      const server = await start()
      const store = await storeOn(server.port)
      await store.write({ expect: null, head: headOf('a') }, forever)
      await store.fleet!.publish(reportOf('one', 1), 'a', forever)
      await server.kill()
      await expect(store.load(soon())).rejects.toMatchObject({ code: expect.stringMatching(/^REDIS_/) })
      const next = await startRedis({ program, port: server.port })
      closers.push(next.close)
      const publish = () => store.fleet!.publish(reportOf('one', 2), 'a', soon())
      await expect
        .poll(() => publish().catch(({ code }) => code), { timeout: 10_000 })
        .toEqual({ lives: 1, head: null })
      expect(await store.write({ expect: null, head: headOf('a') }, forever)).toEqual({ kind: 'written' })
    })

    it('ends calls at their deadline while the server is stopped, and goes on when it runs again', async () => {
      const server = await start()
      const store = await storeOn(server.port)
      await store.write({ expect: null, head: headOf('a') }, forever)
      process.kill(server.pid, 'SIGSTOP')
      try {
        const late = { code: 'REDIS_UNANSWERED' }
        await expect(store.write({ expect: 'a', head: headOf('b') }, soon())).rejects.toMatchObject(late)
        await expect(store.fleet!.publish(reportOf('one', 1), 'a', soon())).rejects.toMatchObject(late)
      } finally {
        process.kill(server.pid, 'SIGCONT')
      }
      const again = () => store.write({ expect: 'a', head: headOf('b') }, soon())
      await expect.poll(() => again().catch(({ code }) => code)).toEqual({ kind: 'written' })
      expect(await store.fleet!.publish(reportOf('one', 2), 'b', forever)).toEqual({ lives: 1 })
    })

    it('works without the flags of scripts, as on Redis 6', async () => {
      const server = await start()
      const { client, close } = await CLIENTS['ioredis 6'](server.port)
      closers.push(close)
      const older: CallClient = {
        call(...words) {
          if (words[1]!.startsWith('#!')) throw new Error('ERR Error compiling script (new function): user_script:1')
          return (client as CallClient).call(...words)
        },
      }
      await useEverything(redisStore(older, { name: 'sentiment' }))
    })

    it('works in a cluster', async () => {
      const server = await start('--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1')
      await server.command('CLUSTER', 'ADDSLOTSRANGE', '0', '16383')
      await expect.poll(() => server.command('CLUSTER', 'INFO'), { timeout: 10_000 }).toContain('cluster_state:ok')
      const client = new Cluster([{ host: '127.0.0.1', port: server.port }])
      closers.push(() => client.disconnect())
      await useEverything(redisStore(client, { name: 'a } and a {' }))
    })

    it('keeps everything for a limited time, from its last use on', async () => {
      const server = await start()
      const store = await storeOn(server.port)
      await useEverything(store)
      const keys = (await server.command('KEYS', '*')).match(/mc:\S+/g)!
      const day = 24 * 3_600_000
      const leftOf = async (key: string) => Number((await server.command('PTTL', key)).slice(1))
      for (const key of keys) {
        const left = await leftOf(key)
        const most = key.endsWith(':lease') ? 60_000 : /:(c|o|lives|members|seen)\b/.test(key) ? day : 30 * day
        expect(left, key).toBeGreaterThan(most - 60_000)
        expect(left, key).toBeLessThanOrEqual(most)
        await server.command('PEXPIRE', key, '50000')
      }
      for (let seq = 2; seq < 18; seq += 1) await store.fleet!.publish(reportOf('one', seq), 'b', forever)
      await store.fleet!.lease({ id: 'other', ttlMs: 1_000, leastFence: 0 }, forever)
      for (const key of keys.filter((key) => !key.endsWith(':lease'))) {
        expect(await leftOf(key), key).toBeGreaterThan(day - 60_000)
      }
    })

    it('needs only the permissions that the README lists', async () => {
      const server = await start()
      const rule = /^ACL SETUSER .+$/m.exec(readme)![0].split(' ')
      expect(await server.command(...rule)).toBe('+OK\r\n')
      await server.command('ACL', 'SETUSER', 'default', 'off')
      const user = { username: 'canary', password: 'password' }
      for (const connect of Object.values(CLIENTS)) await useEverything(await storeOn(server.port, connect, user))
      const { client, close } = await CLIENTS['ioredis 6'](server.port, user)
      const listener = await CLIENTS['node-redis 6'](server.port, user)
      closers.push(close, listener.close)
      const heard: string[] = []
      const following = redisStore(client, { name: 'other', listener: listener.client })
      following.follow(({ tag }) => heard.push(tag))
      const writing = await CLIENTS.iovalkey(server.port, user)
      closers.push(writing.close)
      const other = redisStore(writing.client, { name: 'other' })
      let rev = 0
      await expect
        .poll(async () => {
          const expected = rev === 0 ? null : `${rev}`
          await other.write({ expect: expected, head: headOf(`${++rev}`) }, forever)
          return heard.length
        })
        .toBeGreaterThan(0)
    })

    it('says where the permissions are listed if one of them is missing', async () => {
      const server = await start()
      const rule = /^ACL SETUSER .+$/m.exec(readme)![0].replace(' +hmget', '').split(' ')
      await server.command(...rule)
      const store = await storeOn(server.port, CLIENTS['ioredis 6'], { username: 'canary', password: 'password' })
      await expect(store.load(forever)).rejects.toMatchObject({
        code: 'REDIS_FAILED',
        message: expect.stringContaining('the README of @model-canary/redis lists'),
      })
    })

    describe('that lost a key', () => {
      const KEYS = ['head', 'body', 'lease', 'fence', 'log', 'members', 'seen', 'c:1.1', 'o:1.1', 'lives:1']

      it('has no others', async () => {
        const server = await start()
        await useEverything(await storeOn(server.port))
        const keys = (await server.command('KEYS', '*')).match(/(?<=mc:\{sentiment\}:).+(?=\r)/g)
        expect(keys?.toSorted()).toEqual(KEYS.toSorted())
      })

      it.each(KEYS)('goes on without %s', async (key) => {
        const server = await start()
        const store = await storeOn(server.port)
        const { fence } = await useEverything(store)
        expect(await server.command('DEL', `mc:{sentiment}:${key}`)).toBe(':1\r\n')
        const { fleet } = store
        const seeded = await store.write({ expect: key === 'head' ? null : 'b', head: headOf('c', { fence }) }, forever)
        expect(seeded).toEqual({ kind: 'written' })
        const next = await fleet!.lease({ id: 'other', ttlMs: 60_000, leastFence: fence }, forever)
        expect(next.isMine).toBe(key === 'lease')
        const { lives } = await fleet!.publish(reportOf('two', 9), 'c', forever)
        expect(lives).toBe(2) // it is in the counts, too
        const { reports } = await fleet!.collect(STAY, '', forever)
        const ids = reports.map(({ id }) => id)
        expect(ids.toSorted()).toEqual(key === 'c:1.1' ? ['two'] : ['one', 'two'])
        await fleet!.publish(reportOf('one', 9, { member: memberOf('one') }), 'c', forever)
        expect((await fleet!.collect(STAY, '', forever)).reports.length).toBe(2)
        expect((await fleet!.members(forever)).map(({ id }) => id)).toContain('one')
        await fleet!.lease({ id: next.holder!, release: true }, forever)
        const last = await fleet!.lease({ id: 'third', ttlMs: 60_000, leastFence: 0 }, forever)
        expect(last.fence).toBeGreaterThan(fence)
      })

      it('gives no fence twice without lease and fence', async () => {
        const server = await start()
        const store = await storeOn(server.port)
        const { fence } = await useEverything(store)
        const lose = () => server.command('DEL', 'mc:{sentiment}:lease', 'mc:{sentiment}:fence')
        const ask = (leastFence: number) =>
          store.fleet!.lease({ id: 'other', ttlMs: 60_000, leastFence }, forever).then((answer) => answer.fence)
        expect(await lose()).toBe(':2\r\n')
        expect(await ask(0)).toBe(fence + 1) // the head has it
        await lose()
        expect(await ask(40)).toBe(41) // and so does the process
      })

      it.each(['c:1.1', 'o:1.1'])('misses no report by an old cursor without %s', async (key) => {
        const server = await start()
        const { fleet } = await storeOn(server.port)
        for (let seq = 1; seq <= 5; seq += 1) {
          for (const id of ['one', 'two', 'three']) await fleet!.publish(reportOf(id, seq), null, forever)
        }
        const { cursor } = await fleet!.collect(STAY, '', forever)
        await fleet!.publish(reportOf('one', 6), null, forever)
        await server.command('DEL', `mc:{sentiment}:${key}`)
        await fleet!.publish(reportOf('two', 6), null, forever)
        const first = await fleet!.collect(STAY, cursor, forever)
        const ids = first.reports.map(({ id }) => id).toSorted()
        expect(ids).toEqual(key === 'c:1.1' ? ['two'] : ['one', 'three', 'two'])
        await fleet!.publish(reportOf('one', 7), null, forever)
        const second = await fleet!.collect(STAY, first.cursor, forever)
        expect(second.reports).toEqual([{ id: 'one', seq: 7, fast: 'counts 7 of one' }])
        expect(await server.command('PTTL', `mc:{sentiment}:${key}`)).not.toBe(':-1\r\n')
      })
    })
  })
})

const memberOf = (id: string) => ({ id, library: '0.1.0', config: 'plan', isWarm: true, tag: 'a', weight: 10 })

/** Calls everything that a store has, so that all of its keys exist. Returns the lease. */
async function useEverything(store: RedisStore) {
  const stored = await store.load(forever)
  await store.write({ expect: stored?.head.tag ?? null, head: headOf('a'), isUrgent: true }, forever)
  const { fence } = await store.fleet!.lease({ id: 'one', ttlMs: 60_000, leastFence: 0 }, forever)
  const lease = { id: 'one', fence }
  const change = { expect: 'a', head: headOf('b', { fence }), body: bodyOf('x'), decisions: [decisionOf(1)], lease }
  expect(await store.write(change, forever)).toEqual({ kind: 'written' })
  expect(await store.fleet!.keep(bodyOf('y'), 'b', lease, forever)).toBe('kept')
  for (const id of ['one', 'two']) {
    await store.fleet!.publish(reportOf(id, 1, { slow: 'keys', member: memberOf(id) }), 'b', forever)
  }
  expect((await store.fleet!.collect(STAY, '', forever)).reports.length).toBe(2)
  expect((await store.fleet!.members(forever)).length).toBe(2)
  return lease
}
