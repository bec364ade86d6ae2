import { describe, expect, it, onTestFinished } from 'vitest'
import { counted } from '../rollout/rollout.fixture.js'
import { createWorld, heard } from './controller.fixture.js'
import { sharedMemoryStore } from './shared-memory-store.js'

const SECOND = 1_000
const MINUTE = 60_000

/** Controllers with one store and one target, each with a source of its own that shows the same counts while it works. */
async function controllers(count = 2) {
  const world = createWorld()
  const { clock } = world
  const store = sharedMemoryStore({ clock })
  const service = { errors: 0, at: clock.elapsed() }
  const members = Array.from({ length: count }, () => {
    const sight: { state: 'counts' | 'no-data' | 'rejects' | 'hangs' | 'malformed' } = { state: 'counts' }
    const read = async () => {
      if (sight.state === 'hangs') return new Promise<never>(() => {})
      if (sight.state === 'rejects') throw new Error('prometheus is down')
      if (sight.state === 'malformed') return {} as never
      if (sight.state === 'no-data') return 'no-data'
      return counted(Math.round((clock.elapsed() - service.at) / 100), service.errors)
    }
    const controller = world.make({ store, source: { read } })
    return { controller, sight, led: heard(controller, 'leader') }
  })
  onTestFinished(async () => {
    const closed = Promise.all(members.map(({ controller }) => controller.close()))
    await clock.advance(10 * SECOND)
    await closed
    expect(clock.pending).toBe(0)
  })
  for (const { controller } of members) await controller.start()
  await clock.advance(45 * SECOND)
  const leaders = () => members.filter(({ led }) => led.at(-1)?.isLeader)
  const pass = async (ms: number, until: () => boolean): Promise<number> => {
    let passed = 0
    for (; passed < ms && !until(); passed += SECOND) await clock.advance(SECOND)
    return passed
  }
  const isGone = (): boolean => world.taken.at(-1) === 0
  return { world, members, service, leaders, pass, isGone }
}

describe('a controller that leads and whose source shows nothing', () => {
  it.each(['rejects', 'hangs', 'malformed', 'no-data'] as const)(
    'lets another one lead that sees the harm, where its own source %s',
    async (state) => {
      const { members, service, leaders, pass, isGone } = await controllers()
      const [leader] = leaders()
      leader!.sight.state = state
      service.errors = 300
      expect(await pass(15 * MINUTE, isGone)).toBeLessThanOrEqual(2 * MINUTE)
      for (const { controller } of members) expect(controller.status()).toMatchObject({ state: 'rolled-back' })
    },
  )

  it('keeps the lease if its counts are missing for less than half a minute', async () => {
    const { leaders, pass } = await controllers()
    const [leader] = leaders()
    leader!.sight.state = 'rejects'
    await pass(30 * SECOND, () => false)
    leader!.sight.state = 'counts'
    await pass(30 * SECOND, () => false)
    leader!.sight.state = 'no-data'
    await pass(30 * SECOND, () => false)
    expect(leader!.led.map(({ isLeader }) => isLeader)).toEqual([true])
  })

  it('leads again if nobody else does, and goes on when its source is back', async () => {
    const { world, members, pass } = await controllers(1)
    const { controller, sight, led } = members[0]!
    sight.state = 'rejects'
    await pass(5 * MINUTE, () => false)
    expect(led.length).toBeGreaterThan(4)
    expect(controller.status()).toMatchObject({ state: 'progressing', weight: 10 })
    sight.state = 'counts'
    expect(await pass(30 * MINUTE, () => world.taken.at(-1) === 100)).toBeLessThan(30 * MINUTE)
  })

  it('passes the lease on and on where no source shows anything', async () => {
    const { world, members, pass } = await controllers(3)
    for (const { sight } of members) sight.state = 'no-data'
    const haveAllLed = () => members.every(({ led }) => led.some(({ isLeader }) => isLeader))
    expect(await pass(30 * MINUTE, haveAllLed)).toBeLessThan(30 * MINUTE)
    expect(world.taken.at(-1)).toBe(10)
  })
})
