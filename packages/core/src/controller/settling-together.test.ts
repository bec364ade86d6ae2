import { describe, expect, it } from 'vitest'
import { counted } from '../rollout/rollout.fixture.js'
import { createWorld } from './controller.fixture.js'
import type { ControllerOptions } from './controller-options.js'
import { memoryStore } from './memory-store.js'
import { type TroubledStore, troubledStore } from './store.fixture.js'
import { storedIn } from './stored.fixture.js'

const SECOND = 1_000

/** Two processes of one cron job over one store and one table of weights, each with a line of its own to both; at 10 percent. */
async function twoProcesses() {
  const shared = memoryStore()
  const world = createWorld(shared)
  const { clock } = world
  const table = { weight: 0, writes: [] as string[] }
  const process = (name: string) => {
    const store: TroubledStore = troubledStore(shared)
    const line = { isUp: true, errors: 0, reads: 0, onRead: () => {} }
    let requests = 0
    const make = (options: Partial<ControllerOptions> = {}) =>
      world.make({
        store: { ...store, follow: () => () => {} }, // as a folder of files: no news
        target: {
          apply: async ({ weight }) => {
            if (!line.isUp) throw new Error('no route to the table')
            table.weight = weight
            table.writes.push(`${name} ${weight}`)
          },
        },
        source: {
          read: async () => {
            line.reads += 1
            line.onRead()
            requests += 100
            return counted(requests, Math.round(requests * line.errors))
          },
        },
        ...options,
      })
    return { store, line, make }
  }
  const [a, b] = [process('a'), process('b')]
  for (let step = 0; step < 1; await clock.advance(15 * SECOND)) {
    const process = a.make()
    step = (await process.evaluate()).step
    await process.close()
  }
  table.writes.length = 0
  const stored = async () => (await storedIn(shared))!.state
  return { world, clock, table, a, b, stored }
}

describe('evaluate() while another process drives 0 to the target', () => {
  it('takes no round: it reads nothing, begins nothing, and drives 0 too', async () => {
    const { clock, table, a, b, stored } = await twoProcesses()
    a.line.errors = 0.5
    a.line.onRead = () => (a.line.isUp = false)
    const first = a.make().evaluate()
    await clock.advance(SECOND)
    expect([await stored(), table.weight]).toMatchObject([{ state: 'rolled-back' }, 10])
    b.line.isUp = false
    const second = b.make().evaluate()
    let isOver = false
    void second.finally(() => (isOver = true))
    await clock.advance(10 * SECOND)
    expect([isOver, b.line.reads, table.writes]).toEqual([false, 0, ['a 10']])
    b.line.isUp = true
    await clock.advance(10 * SECOND)
    expect(await second).toMatchObject({ state: 'rolled-back', epoch: 1, inForce: { weight: 0 } })
    expect([table.writes, b.line.reads]).toEqual([['a 10', 'b 0'], 0])
    a.line.isUp = true
    await clock.advance(10 * SECOND)
    expect(await first).toMatchObject({ state: 'rolled-back', inForce: { weight: 0 } })
    expect([table.weight, (await stored()).epoch]).toEqual([0, 1])
  })

  it.each(['before', 'after'] as const)(
    'and has read the state before that: 0 is in force when both are through, the write of it held %s the store',
    async (when) => {
      const { clock, table, a, b, stored } = await twoProcesses()
      a.line.errors = 0.5
      const release = a.store.holdNextWrite(when)
      const first = a.make().evaluate()
      await clock.advance(0)
      expect(table.writes).toEqual(['a 10', 'a 0'])
      const second = b.make().evaluate()
      await clock.advance(0)
      release()
      await clock.advance(0)
      await clock.advance(SECOND)
      await Promise.all([first, second])
      expect([table.weight, await stored()]).toMatchObject([0, { state: 'rolled-back', epoch: 1 }])
      if (when === 'before') expect(table.writes).toEqual(['a 10', 'a 0', 'b 10', 'a 0'])
    },
  )

  it.each(['at once', 'late'])(
    'rejects where the 0 that is sent once more is not taken, the store being heard %s',
    async (when) => {
      const { clock, table, a, b } = await twoProcesses()
      a.line.errors = 0.5
      const release = a.store.holdNextWrite('before')
      const first = a.make({ settleTimeoutMs: 5 * SECOND }).evaluate()
      const refused = expect(first).rejects.toMatchObject({ code: 'TARGET_FAILED', status: { state: 'rolled-back' } })
      await clock.advance(0)
      await b.make().evaluate()
      expect(table.weight).toBe(10)
      a.line.isUp = false
      if (when === 'at once') release() // otherwise the write is given up, and made anew
      await clock.advance(30 * SECOND)
      await refused
    },
  )

  it('which the operator asked for: rollback() resolves with 0 in force', async () => {
    const { clock, table, a, b } = await twoProcesses()
    const controller = a.make()
    await controller.start()
    await clock.advance(0)
    const release = a.store.holdNextWrite('before')
    const first = controller.rollback()
    await clock.advance(0)
    await b.make().evaluate()
    expect(table.weight).toBe(10)
    release()
    await clock.advance(SECOND)
    expect(await first).toMatchObject({ state: 'rolled-back', inForce: { weight: 0 } })
    expect(table.weight).toBe(0)
  })

  it('rollback() rejects where the 0 that is sent once more is not taken', async () => {
    const { clock, a, b } = await twoProcesses()
    const controller = a.make({ settleTimeoutMs: 5 * SECOND })
    await controller.start()
    await clock.advance(0)
    const release = a.store.holdNextWrite('before')
    const refused = expect(controller.rollback()).rejects.toMatchObject({ code: 'TARGET_FAILED' })
    await clock.advance(0)
    await b.make().evaluate()
    a.line.isUp = false
    release()
    await clock.advance(11 * SECOND)
    await refused
  })
})
