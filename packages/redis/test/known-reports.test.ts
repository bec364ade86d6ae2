import { type RunningRedis, realServer, startRedis } from '@model-canary/real-servers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type CallClient, type RedisStore, redisStore } from '../src/index.js'
import { CLIENTS } from './clients.fixture.js'
import { OLDER_COLLECT, OLDER_MEMBERS, OLDER_PUBLISH } from './older-scripts.fixture.js'
import { forever, headOf, reportOf } from './records.fixture.js'

const STAY = { epoch: 1, visit: 1 }

/** For how long a report leaves out what the store knows, in milliseconds. */
const KNOWN_MS = 10_000

const memberOf = (id: string, weight = 10) => ({
  ...{ id, library: '0.1.0', config: 'plan', isWarm: true, tag: 'a', weight },
})

const keyOf = (last: string): string => `mc:{sentiment}:${last}`

/** The number of keys by which one sees whether a report had everything. */
const [ALL, COUNTS] = ['6', '3']

describe.each(['redis-server', 'valkey-server'] as const)('%s', (program) => {
  realServer({ describe, it }, [program], `a process that a real ${program} knows`, () => {
    let server: RunningRedis
    const closers: (() => unknown)[] = []
    let aheadMs = 0

    beforeEach(async () => {
      server = await startRedis({ program })
      closers.push(server.close)
      aheadMs = 0
      const now = performance.now.bind(performance)
      vi.spyOn(performance, 'now').mockImplementation(() => now() + aheadMs)
    })
    afterEach(async () => {
      vi.restoreAllMocks()
      for (const close of closers.splice(0).reverse()) await close()
    })

    /** Opens a store. `sent` has the number of keys of each report. */
    const opened = async () => {
      const { client, close } = await CLIENTS['ioredis 6'](server.port)
      closers.push(close)
      const sent: string[] = []
      const counted: CallClient = {
        call(...words) {
          sent.push(words[2]!)
          return (client as CallClient).call(...words)
        },
      }
      return { store: redisStore(counted, { name: 'sentiment' }), sent }
    }
    /** Opens the store of one process, which has reported twice. */
    const known = async (id: string) => {
      const { store, sent } = await opened()
      const report = (seq: number, weight = 10, members: Partial<ReturnType<typeof reportOf>> = {}) =>
        store.fleet!.publish(reportOf(id, seq, { member: memberOf(id, weight), ...members }), 'a', forever)
      for (const seq of [1, 2]) await report(seq)
      sent.length = 0
      return { store, sent, report }
    }
    const headOfA = async () => (await opened()).store.write({ expect: null, head: headOf('a') }, forever)
    const listed = async ({ fleet }: RedisStore) =>
      (await fleet!.members(forever)).map(({ id, weight }) => `${id} ${weight}`).toSorted()
    const collected = async ({ fleet }: RedisStore, cursor = '') =>
      (await fleet!.collect(STAY, cursor, forever)).reports.map(({ id, seq }) => `${id} ${seq}`).toSorted()

    it('sends its counts alone, and once in 10 s all that it says', async () => {
      await headOfA()
      const { store, sent, report } = await known('one')
      expect(await report(3)).toEqual({ lives: 1 })
      aheadMs += KNOWN_MS - 1_000
      await report(4)
      expect(sent).toEqual([COUNTS, COUNTS])
      aheadMs += 1_001
      for (const seq of [5, 6]) await report(seq)
      expect(sent).toEqual([COUNTS, COUNTS, ALL, COUNTS])
      expect(await collected(store)).toEqual(['one 6'])
    })

    it('says at once what has changed of it, and where it is in another stay', async () => {
      await headOfA()
      const { store, sent, report } = await known('one')
      await report(3, 50)
      expect(await listed(store)).toEqual(['one 50'])
      await report(4, 50, { slow: 'keys' })
      await report(5, 50)
      expect(await store.fleet!.collect(STAY, '', forever)).toMatchObject({ reports: [{ seq: 5, slow: 'keys' }] })
      await report(6, 50, { visit: 2 })
      expect(sent.filter((keys) => keys !== '2')).toEqual([ALL, ALL, COUNTS, ALL])
    })

    it('is collected from a cursor on, once', async () => {
      await headOfA()
      const { store, report } = await known('one')
      const other = await known('other')
      const { cursor } = await store.fleet!.collect(STAY, '', forever)
      await report(3)
      expect(await collected(store, cursor)).toEqual(['one 3'])
      await other.report(3)
      expect(await collected(store, cursor)).toEqual(['one 3', 'other 3'])
    })

    it('returns what changes slowly once after a cursor, also where the report comes with the next page', async () => {
      await headOfA()
      const { store, report } = await known('one')
      const others = Array.from({ length: 500 }, (_, at) => `other ${at}`)
      const news = async (cursor: string) => {
        const page = await store.fleet!.collect(STAY, cursor, forever)
        const slow = page.reports.filter((one) => one.slow !== undefined).map(({ id, slow }) => `${id}: ${slow}`)
        return { ...page, slow }
      }
      await report(3, 10, { slow: 'keys' })
      const first = await news('')
      await report(4)
      const second = await news(first.cursor)
      expect([first.slow, second.slow, second.reports.length]).toEqual([['one: keys'], [], 1])
      await report(5, 10, { slow: 'more keys' })
      await Promise.all(others.map((id) => store.fleet!.publish(reportOf(id, 1), 'a', forever)))
      await report(6)
      const third = await news(second.cursor)
      const fourth = await news(third.cursor)
      expect([third.slow, third.reports.length, fourth.slow]).toEqual([[], 500, ['one: more keys']])
      await report(7)
      expect([(await news(fourth.cursor)).slow, (await news('')).reports.length]).toEqual([[], 500])
    })

    it('changes nothing by an older report', async () => {
      await headOfA()
      const { store, report } = await known('one')
      const late = await opened()
      await late.store.fleet!.publish(reportOf('one', 9, { fast: 'newest' }), 'a', forever)
      for (const seq of [8, 9]) expect(await report(seq)).toEqual({ lives: 1 })
      expect(await store.fleet!.collect(STAY, '', forever)).toMatchObject({ reports: [{ seq: 9, fast: 'newest' }] })
    })

    it('hears of another head with its next report', async () => {
      await headOfA()
      const { store, report } = await known('one')
      await store.write({ expect: 'a', head: headOf('b') }, forever)
      expect(await report(3)).toEqual({ lives: 1, head: headOf('b') })
      await server.command('DEL', keyOf('head'))
      expect(await report(4)).toEqual({ lives: 1, head: null })
      expect(await collected(store)).toEqual(['one 4'])
    })

    it('hears how many have reported in the epoch, also after that was lost', async () => {
      await headOfA()
      const { store, report } = await known('one')
      await known('other')
      expect(await report(3)).toEqual({ lives: 2 })
      await server.command('DEL', keyOf('lives:1'))
      expect(await report(4)).toEqual({ lives: 2 })
      aheadMs += KNOWN_MS
      expect(await report(5)).toEqual({ lives: 2 })
      expect(await server.command('SMEMBERS', keyOf('lives:1'))).toContain('one')
      expect((await store.fleet!.publish(reportOf('one', 6, { visit: 2 }), 'a', forever)).lives).toBe(1)
    })

    it('says everything with its next report to a server that was emptied', async () => {
      await headOfA()
      const { store, report } = await known('one')
      await server.command('FLUSHALL')
      expect(await report(3)).toEqual({ lives: 1, head: null })
      expect([await collected(store), await listed(store)]).toEqual([['one 3'], ['one 10']])
    })

    it.each(['c:1.1', 'o:1.1'])('is collected with its next report after the loss of %s', async (key) => {
      await headOfA()
      const { store, report } = await known('one')
      const { cursor } = await store.fleet!.collect(STAY, '', forever)
      await known('ended')
      await server.command('DEL', keyOf(key))
      await report(3)
      const all = key === 'o:1.1' ? ['ended 2', 'one 3'] : ['one 3']
      expect([await collected(store, cursor), await collected(store)]).toEqual([all, all])
    })

    it.each(['members', 'seen'])('is listed again within 10 s after the loss of %s', async (key) => {
      await headOfA()
      const { store, report } = await known('one')
      await server.command('DEL', keyOf(key))
      aheadMs += KNOWN_MS
      await report(3)
      expect(await listed(store)).toEqual(['one 10'])
    })

    it('is listed again after it was taken for dead, and its counts go on', async () => {
      await headOfA()
      const { store, report } = await known('one')
      await server.command('ZINCRBY', keyOf('seen'), '-61000', 'one')
      expect(await listed((await opened()).store)).toEqual([])
      await report(3)
      aheadMs += KNOWN_MS
      await report(4)
      expect([await collected(store), await listed(store)]).toEqual([['one 4'], ['one 10']])
    })

    it('renews the time that everything is kept', async () => {
      await headOfA()
      const { report } = await known('one')
      const keys = (await server.command('KEYS', '*')).match(/mc:\S+/g)!
      for (const key of keys) await server.command('PEXPIRE', key, '50000')
      aheadMs += KNOWN_MS
      await report(3)
      for (const key of keys)
        expect(Number((await server.command('PTTL', key)).slice(1)), key).toBeGreaterThan(80_000_000)
    })

    it('is counted together with processes that have an earlier version of the library', async () => {
      await headOfA()
      const { store, report } = await known('one')
      const keys = ['head', 'c:1.1', 'o:1.1', 'members', 'seen', 'lives:1'].map(keyOf)
      const older = (seq: number) => {
        const args = ['nonce', 'older', `${seq}`, `counts ${seq}`, '=old keys', JSON.stringify(memberOf('older')), 'a']
        return server.command('EVAL', OLDER_PUBLISH, '6', ...keys, ...args)
      }
      await older(1)
      await report(3)
      const { cursor } = await store.fleet!.collect(STAY, '', forever)
      expect(await older(2)).toContain('same')
      expect((await store.fleet!.collect(STAY, cursor, forever)).reports).toEqual([
        { id: 'older', seq: 2, fast: 'counts 2', slow: 'old keys' },
      ])
      await report(4)
      expect(await collected(store, cursor)).toEqual(['older 2', 'one 4'])
      expect(await listed(store)).toEqual(['older 10', 'one 10'])
      const found = await server.command('EVAL', OLDER_COLLECT, '2', keys[1]!, keys[2]!, 'nonce', '', '0')
      for (const text of ['counts 4 of one', 'counts 2', '=old keys']) expect(found).toContain(text)
      expect(await server.command('EVAL', OLDER_MEMBERS, '2', keys[3]!, keys[4]!, 'nonce', '')).toContain('"id":"one"')
    })
  })
})
