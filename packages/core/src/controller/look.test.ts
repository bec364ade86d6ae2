import { describe, expect, it } from 'vitest'
import type { Block, Judge } from '../judging/judge.js'
import { replayTurn } from '../rollout/analyze.js'
import type { MetricsSource } from '../rollout/ports.js'
import { counted } from '../rollout/rollout.fixture.js'
import type { StateStore } from '../rollout/store.js'
import { createWorld, heard, type World } from './controller.fixture.js'
import type { ControllerOptions } from './controller-options.js'
import { memoryStore } from './memory-store.js'
import { troubledStore } from './store.fixture.js'
import { moved, putInto, storedIn } from './stored.fixture.js'

const SECOND = 1_000

/** A judge that adds up what it is shown, and fails once it has seen so many errors of the canary. */
function countingJudge(mostErrors = Number.POSITIVE_INFINITY) {
  const shown: Block[] = []
  const isTooMuch = (errors: number) => errors > mostErrors
  const judge: Judge<number> = {
    name: 'counting',
    open: () => 0,
    update: (errors, block) => {
      shown.push(block)
      return errors + block.canary.outcomes.error
    },
    decide: (errors, { epoch, step }) => {
      const place = { epoch, step, checks: [] }
      return isTooMuch(errors) ? { kind: 'fail', response: 'rollback', ...place } : { kind: 'inconclusive', ...place }
    },
    watch: { everyMs: SECOND, isUrgent: isTooMuch },
  }
  return { judge, shown }
}

/** Ten requests of each arm a second since the window opened, which can be read at once. */
function watchable(world: World): MetricsSource {
  let openedAt = 0
  let window = '1/0'
  const countsNow = ({ epoch, step }: { epoch: number; step: number }) => {
    if (window !== `${epoch}/${step}`) openedAt = world.clock.elapsed()
    window = `${epoch}/${step}`
    const requests = Math.round(((world.clock.elapsed() - openedAt) / SECOND) * world.traffic.perSecond)
    return counted(requests, Math.round(requests * world.traffic.errorShare))
  }
  return { read: async (window) => countsNow(window), peek: countsNow, survivesRestart: false }
}

/** A rollout in its warm-up under a counting judge. */
async function watched(mostErrors?: number, options: Partial<ControllerOptions> = {}) {
  const world = createWorld()
  const { judge, shown } = countingJudge(mostErrors)
  const warmUp = { weight: 2, durationMs: 600 * SECOND }
  const controller = world.make({ judge: judge as Judge, source: watchable(world), warmUp, ...options })
  await controller.start()
  await world.clock.advance(0)
  return { world, controller, shown, judge: judge as Judge }
}

const requestsIn = (blocks: readonly Block[]) => blocks.reduce((sum, { canary }) => sum + canary.begun, 0)
const timeOf = (blocks: readonly Block[]) => blocks.reduce((sum, { elapsedMs }) => sum + elapsedMs, 0)

describe('interim checks between two looks', () => {
  it('give the judge every count once, about every second', async () => {
    const { world, shown } = await watched()
    await world.clock.advance(40 * SECOND)
    expect(shown.length).toBeGreaterThanOrEqual(40)
    expect([requestsIn(shown), timeOf(shown)]).toEqual([400, 40 * SECOND])
  })

  it('roll back for harm that cannot wait, before the next look', async () => {
    const { world, controller } = await watched(5)
    world.traffic.errorShare = 1
    await world.clock.advance(2 * SECOND)
    expect(controller.status()).toMatchObject({ state: 'rolled-back', weight: 0 })
    expect(world.taken.at(-1)).toBe(0)
  })

  it('write nothing: the store and the history see looks only', async () => {
    const { world, controller } = await watched()
    await world.clock.advance(14 * SECOND)
    const before = (await storedIn(world.store))!.revision
    await world.clock.advance(15 * SECOND)
    expect((await storedIn(world.store))!.revision).toBe(before + 1)
    expect((await controller.history()).filter(({ action }) => action === 'hold')).toHaveLength(1)
  })

  it('bring a hold that cannot wait again within a second where one write failed, and blame the store alone', async () => {
    const inner = memoryStore()
    let failing = 0
    const write: StateStore['write'] = async (...asked) => {
      if (failing > 0) {
        failing -= 1
        throw new Error('the store is down')
      }
      return inner.write(...asked)
    }
    const { judge } = countingJudge(5)
    const holding: Judge<number> = {
      ...judge,
      decide: (errors, context, ms) => ({ ...judge.decide(errors, context, ms), response: 'hold' }),
    }
    const { world, controller } = await watched(5, { store: { ...inner, write }, judge: holding as Judge })
    const codes = heard(controller, 'internal-error')
    await world.clock.advance(SECOND)
    failing = 2
    world.traffic.errorShare = 1
    await world.clock.advance(4 * SECOND)
    const history = await controller.history()
    expect(history[0]).toMatchObject({ action: 'hold', verdict: { kind: 'fail' } })
    expect(history.filter(({ verdict }) => verdict?.kind === 'fail')).toHaveLength(1)
    expect(codes.map(({ code }) => code)).toEqual(['STORE_FAILED', 'STORE_FAILED'])
  })

  it('report once, not every second, in mode observe', async () => {
    const { world, controller } = await watched(5, { mode: 'observe' })
    world.traffic.errorShare = 1
    const decisions = heard(controller, 'decision')
    await world.clock.advance(14 * SECOND)
    expect(decisions).toMatchObject([{ action: 'rollback', applied: false }])
  })

  it('lose nothing and count nothing twice when a verb comes in between', async () => {
    const { world, controller, shown } = await watched()
    await world.clock.advance(7_500)
    await controller.pause()
    await world.clock.advance(3_200)
    await controller.resume()
    await world.clock.advance(20 * SECOND)
    expect([requestsIn(shown), timeOf(shown)]).toEqual([300, 30 * SECOND]) // the last interim check was at 30 s
  })

  it.each([
    ['a source that cannot be read at once', (world: World) => ({ source: { read: watchable(world).read } })],
    [
      'a judge that asks for none',
      () => ({ judge: { ...countingJudge().judge, watch: undefined } as unknown as Judge }),
    ],
    ['looks that come as often', () => ({ intervalMs: SECOND })],
  ])('are left out with %s', async (_, options) => {
    const world = createWorld()
    const { judge } = countingJudge()
    let peeks = 0
    const source = watchable(world)
    const peek: MetricsSource['peek'] = (window) => {
      peeks += 1
      return source.peek!(window)
    }
    const controller = world.make({ judge: judge as Judge, source: { ...source, peek }, ...options(world) })
    await controller.start()
    peeks = 0 // start() returns a status, and its counts are those of now
    await world.clock.advance(30 * SECOND)
    expect(peeks).toBe(0)
  })

  it('measure what the next look stores of them', async () => {
    const { judge } = countingJudge()
    let measured = 0
    const counts = { enumerable: true, get: () => ++measured }
    const update: Judge<number>['update'] = (errors, block, context) =>
      judge.update(errors, Object.defineProperty(block, 'counts', counts), context)
    const { world } = await watched(undefined, { judge: { ...judge, update } as Judge })
    await world.clock.advance(14 * SECOND)
    expect(measured).toBe(14)
    await world.clock.advance(2 * SECOND)
    expect(measured).toBe(17) // the block of the look itself is the only other one
  })

  it('report a judge that throws, and leave the looks as they are', async () => {
    const { judge } = countingJudge()
    const broken = { ...judge, watch: { everyMs: SECOND, isUrgent: () => expect.fail('broken') } }
    const { world, controller } = await watched(undefined, { judge: broken as Judge })
    await world.clock.advance(16 * SECOND)
    expect(controller.status().internalErrors.JUDGE_FAILED).toBeGreaterThan(10)
    expect((await controller.history())[0]).toMatchObject({ action: 'hold' })
  })

  it('end with the rollout', async () => {
    const { world, controller } = await watched()
    await controller.rollback()
    expect(world.clock.pending).toBe(1) // the store is looked at once a minute
  })
})

describe('a turn that was put away', () => {
  it('is left out where a store was down for long: its blocks are in the evidence, and the next is whole again', async () => {
    const store = troubledStore()
    const { world, controller, judge } = await watched(undefined, { store, maxStoredBytes: 10_000_000 })
    await world.clock.advance(20 * SECOND)
    store.mode = 'down'
    await world.clock.advance(300 * SECOND)
    store.mode = 'up'
    await world.clock.advance(16 * SECOND)
    const after = (await storedIn(store))!
    expect(after).toMatchObject({ turns: [], truncated: true })
    await world.clock.advance(15 * SECOND)
    const { turns } = JSON.parse(JSON.stringify(await storedIn(store)))
    expect(turns).toHaveLength(1)
    expect(replayTurn(turns[0], judge)).toEqual((await controller.history())[0]!.verdict)
    const { canary } = controller.status().requests // each once, though the judge was shown some again after a failed write
    expect([canary > 3_300, canary <= 3_510]).toEqual([true, true])
  })

  it('holds every block since the look before, and replays to the same verdict from its JSON', async () => {
    const { world, controller, judge } = await watched(5)
    await world.clock.advance(15 * SECOND)
    world.traffic.errorShare = 0.02
    await world.clock.advance(20 * SECOND)
    const { turns } = JSON.parse(JSON.stringify(await storedIn(world.store)))
    const [last, before] = await controller.history()
    expect(turns).toHaveLength(2)
    expect(turns.map((turn: never) => replayTurn(turn, judge))).toEqual([before?.verdict, last?.verdict])
    expect(last).toMatchObject({ action: 'rollback' })
  })

  it('is not kept with a replaySize of 0', async () => {
    const { world } = await watched(undefined, { replaySize: 0 })
    await world.clock.advance(60 * SECOND)
    expect((await storedIn(world.store))!.turns).toEqual([])
  })
})

describe('a look that loses the race to the one of another process', () => {
  it('is judged again on what that one stored', async () => {
    const inner = memoryStore()
    let isRaced = false
    const write: StateStore['write'] = async (...asked) => {
      if (!isRaced) return inner.write(...asked)
      isRaced = false
      const stored = (await storedIn(inner))!
      const { revision } = stored
      await putInto(inner, { ...stored, revision: revision + 1, evidence: 1_000 }, revision)
      return moved
    }
    const { world } = await watched(undefined, { store: { ...inner, write } })
    world.traffic.errorShare = 0.1
    await world.clock.advance(14 * SECOND)
    isRaced = true
    await world.clock.advance(2 * SECOND)
    expect(isRaced).toBe(false)
    expect((await storedIn(inner))!.evidence).toBeGreaterThan(1_000)
  })
})
