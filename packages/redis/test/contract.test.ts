import { randomUUID } from 'node:crypto'
import { type RunningRedis, realServer, startRedis } from '@model-canary/real-servers'
import { storeContract } from '@model-canary/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { redisStore } from '../src/index.js'
import { CLIENTS, type Connect } from './clients.fixture.js'

/** Takes time off the lease and off the latest reports: as if the server's clock had moved on. */
const PASS_TIME = `
local left = redis.call('PTTL', KEYS[1])
if left > 0 then redis.call('PEXPIRE', KEYS[1], left - ARGV[1]) end
for _, id in ipairs(redis.call('ZRANGE', KEYS[2], 0, -1)) do redis.call('ZINCRBY', KEYS[2], -ARGV[1], id) end`

/** A place on a running server, with a rollout of its own. Every process has two connections. */
function placeOn(server: RunningRedis, connect: Connect) {
  const name = `rule } of {${randomUUID()}`
  const key = (last: string) => `mc:{${encodeURIComponent(name)}}:${last}`
  const closers: (() => void)[] = []
  let listening = 0

  const connected = async () => {
    const { client, close } = await connect(server.port)
    closers.push(close)
    return client
  }

  return {
    async open() {
      const store = redisStore(await connected(), { name, listener: await connected() })
      store.follow(() => {}) // so that the subscription is there before a rule listens
      listening += 1
      const subscribed = async () => /:(\d+)\r\n$/.exec(await server.command('PUBSUB', 'NUMSUB', key('ch')))?.[1]
      await expect.poll(async () => Number(await subscribed()) >= listening, { interval: 2 }).toBe(true)
      return store
    },
    async passTime(ms: number) {
      await server.command('EVAL', PASS_TIME, '2', key('lease'), key('seen'), `${ms}`)
    },
    close() {
      for (const close of closers) close()
    },
  }
}

describe.each(['redis-server', 'valkey-server'] as const)('%s', (program) => {
  realServer({ describe, it }, [program], `stores on a real ${program}`, () => {
    let server: RunningRedis
    beforeAll(async () => {
      server = await startRedis({ program })
    })
    afterAll(() => server.close())

    for (const [client, connect] of Object.entries(CLIENTS)) {
      storeContract({ it }, `${client}: redisStore`, () => placeOn(server, connect))
    }
  })
})
