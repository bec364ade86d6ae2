import { describe, expect, it, onTestFinished } from 'vitest'
import type { Decision } from '../rollout/decision.js'
import { createWorld, heard } from './controller.fixture.js'
import type { Controller } from './controller-contract.js'
import { troubledStore } from './store.fixture.js'

const sequences = (history: readonly Decision[]) => history.map(({ sequence }) => sequence)

/** A rollout with the two decisions of a start, and this many further ones. */
async function withDecisions(count: number) {
  const world = createWorld()
  const controller = world.make()
  onTestFinished(() => controller.close())
  await controller.start()
  for (let made = 0; made < count; made += 1) await (made % 2 === 0 ? controller.pause() : controller.resume())
  return { world, controller }
}

/** Reads all pages of a history; `between` runs before each page but the first. */
async function readPages(controller: Controller, limit: number, between: () => Promise<unknown>) {
  const pages = [await controller.history({ limit })]
  while (pages.at(-1)!.length === limit) {
    await between()
    pages.push(await controller.history({ limit, before: pages.at(-1)!.at(-1)!.sequence }))
  }
  return pages
}

describe('history()', () => {
  it('returns the newest decision first, and 50 if no limit is given', async () => {
    const { controller } = await withDecisions(58)
    const history = await controller.history()
    expect(sequences(history)).toEqual(Array.from({ length: 50 }, (_, index) => 60 - index))
    expect(history[0]).toMatchObject({ action: 'resume', actor: 'operator', verdict: null })
    expect(await controller.history({ limit: 1_000 })).toHaveLength(60)
  })

  it('returns every decision once, page by page, while new ones are made at the same moment', async () => {
    const { controller } = await withDecisions(8)
    const pages = await readPages(controller, 3, async () => {
      await controller.pause()
      await controller.resume()
    })
    expect(pages.map(sequences)).toEqual([[10, 9, 8], [7, 6, 5], [4, 3, 2], [1]])
    expect(sequences(await controller.history({ limit: 2 }))).toEqual([16, 15])
    expect(new Set(pages.flat().map(({ at }) => at)).size).toBe(1)
  })

  it('has the sequence that the event had, and counts on in the next epoch', async () => {
    const { controller } = await withDecisions(1)
    const decisions = heard(controller, 'decision')
    await controller.rollback()
    await controller.retry()
    expect(sequences(decisions)).toEqual([4, 5])
    expect(sequences(await controller.history({ limit: 2 }))).toEqual([5, 4])
    expect(decisions.map(({ epoch }) => epoch)).toEqual([1, 2])
  })

  it('returns nothing for a rollout that was not started', async () => {
    expect(await createWorld().make().history()).toEqual([])
  })

  it('reads the store if the rollout was not started, and starts nothing', async () => {
    const { world, controller } = await withDecisions(3)
    const other = world.make()
    const { pending } = world.clock
    expect(await other.history()).toEqual(await controller.history())
    expect(sequences(await other.history({ before: 3, limit: 1 }))).toEqual([2])
    expect(other.status()).toMatchObject({ state: 'idle', lastDecision: null })
    expect(world.clock.pending).toBe(pending)
  })

  it('is available while the store is down, and after close()', async () => {
    const store = troubledStore()
    const world = createWorld(store)
    const controller = world.make()
    await controller.start()
    await world.clock.advance(0)
    store.mode = 'down'
    const { calls } = store
    expect(sequences(await controller.history())).toEqual([2, 1])
    await controller.close()
    expect(sequences(await controller.history())).toEqual([2, 1])
    expect(store.calls).toBe(calls)
  })

  it('does not read the store after close(), also if the rollout was not started', async () => {
    const store = troubledStore()
    const controller = createWorld(store).make()
    await controller.close()
    const { calls } = store
    expect(await controller.history()).toEqual([])
    expect(store.calls).toBe(calls)
  })

  it.each(['down', 'hanging', 'nonsense'] as const)(
    'rejects where nothing is known and the store is %s',
    async (mode) => {
      const store = troubledStore()
      store.mode = mode
      const world = createWorld(store)
      const asked = world.make({ ioTimeoutMs: 1_000 }).history()
      const code = mode === 'nonsense' ? 'INVALID_STATE' : 'STORE_FAILED'
      const refused = expect(asked).rejects.toMatchObject({ code })
      await world.clock.advance(1_000)
      await refused
    },
  )

  it.each([
    ['UNKNOWN_OPTION', { offset: 3 }, /history has no option "offset"/],
    ['INVALID_OPTION', { limit: 0 }, /history: limit must be a number from 1 to 1000, got 0/],
    ['INVALID_OPTION', { limit: 1_001 }, /history: limit must be a number from 1 to 1000, got 1001/],
    ['INVALID_OPTION', { limit: 2.5 }, /history: limit must be a whole number, got 2.5/],
    ['INVALID_OPTION', { before: 0 }, /history: before must be a number from 1/],
    ['INVALID_OPTION', { before: '7' }, /history: before must be a whole number, got "7"/],
    ['INVALID_OPTION', null, /history takes an options object/],
  ])('rejects %s for %o', async (code, options, message) => {
    const { controller } = await withDecisions(0)
    await expect(controller.history(options as never)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    })
  })
})
