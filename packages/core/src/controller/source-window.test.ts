import { describe, expect, it } from 'vitest'
import type { Judge, Verdict } from '../judging/judge.js'
import type { MetricsSource, SourceWindow, Target } from '../rollout/ports.js'
import { after, counted, passed, stored } from '../rollout/rollout.fixture.js'
import type { StateStore } from '../rollout/store.js'
import { createWorld } from './controller.fixture.js'
import type { ControllerOptions } from './controller-options.js'
import { memoryStore } from './memory-store.js'
import { putInto, storedIn } from './stored.fixture.js'

const SECOND = 1_000
const MINUTE = 60_000
const HOUR = 3_600_000
const NEW_YEAR = Date.UTC(2026, 0, 1)

/** When a stay began, in seconds after the new year. */
const openings = (windows: readonly SourceWindow[]) =>
  windows.map(({ epoch, step, openedAt }) => `${epoch}/${step} ${(openedAt - NEW_YEAR) / SECOND}`)

/** A world whose source keeps what it is given, and whose target fails for as long as it is told to. */
function watched(store: StateStore = memoryStore()) {
  const world = createWorld(store)
  const windows: SourceWindow[] = []
  const signals: AbortSignal[] = []
  const said: { kind: Verdict['kind']; response?: NonNullable<Verdict['response']> } = { kind: 'pass' }
  const takenAt: number[] = []
  let isBroken = false
  const read: MetricsSource['read'] = async (window, signal) => {
    windows.push(window)
    signals.push(signal)
    return counted(1_000 + world.clock.elapsed() / 10)
  }
  const apply: Target['apply'] = async () => {
    if (isBroken) throw new Error('the mesh is down')
    takenAt.push(world.clock.now())
  }
  const judge: Judge = {
    name: 'told',
    open: () => 0,
    update: (blocks) => (blocks as number) + 1,
    decide: (_, { epoch, step }) => ({ ...said, epoch, step, checks: [] }),
  }
  return {
    clock: world.clock,
    store,
    windows,
    signals,
    said,
    takenAt,
    breakTarget: (broken: boolean) => void (isBroken = broken),
    make: (options: Partial<ControllerOptions> = {}) =>
      world.make({ source: { read }, target: { apply }, judge, ...options }),
  }
}

describe('the window that a source is asked for', () => {
  it('opened when the step began, and is the same one at every look of a stay', async () => {
    const { clock, windows, signals, make } = watched()
    await make().start()
    await clock.advance(10 * MINUTE)
    expect(openings(windows)).toEqual([
      ...['1/0 0', '1/0 0'],
      ...['1/1 30', '1/1 30', '1/1 30', '1/1 30'],
      ...['1/2 90', '1/2 90', '1/2 90', '1/2 90'],
      ...['1/3 150', '1/3 150', '1/3 150', '1/3 150'],
    ])
    expect(signals.every((signal) => signal instanceof AbortSignal)).toBe(true)
  })

  it('opens with a verb as well, and stays open over a pause', async () => {
    const { clock, windows, make } = watched()
    const controller = make()
    await controller.start()
    await clock.advance(40 * SECOND)
    await controller.pause()
    await clock.advance(10 * SECOND)
    await controller.resume()
    await clock.advance(20 * SECOND)
    expect(openings(windows.slice(2))).toEqual(['1/1 30', '1/1 30'])
    await controller.promote()
    await clock.advance(5 * SECOND)
    expect(openings(windows.slice(4))).toEqual(['1/2 70'])
  })

  it('is another one when a demotion leads back to a step that was visited before', async () => {
    const { clock, windows, said, make } = watched()
    await make().start()
    await clock.advance(30 * SECOND)
    Object.assign(said, { kind: 'fail', response: 'demote' })
    await clock.advance(15 * SECOND)
    said.kind = 'pass'
    await clock.advance(45 * SECOND)
    expect(openings(windows)).toEqual(['1/0 0', '1/0 0', '1/1 30', '1/0 45', '1/0 45', '1/1 75'])
  })

  it('is another one also where the first visit had begun late', async () => {
    const { clock, windows, said, breakTarget, make } = watched()
    breakTarget(true)
    await make().start()
    await clock.advance(5 * SECOND)
    breakTarget(false)
    await clock.advance(55 * SECOND)
    Object.assign(said, { kind: 'fail', response: 'demote' })
    await clock.advance(15 * SECOND)
    said.kind = 'pass'
    await clock.advance(15 * SECOND)
    expect(openings(windows).at(-1)).toBe('1/0 75')
  })

  it('is another one after retry()', async () => {
    const { clock, windows, make } = watched()
    const controller = make()
    await controller.start()
    await clock.advance(40 * SECOND)
    await controller.rollback()
    await clock.advance(10 * MINUTE)
    const before = windows.length
    await controller.retry()
    await clock.advance(45 * SECOND)
    expect(openings(windows.slice(before))).toEqual(['2/0 640', '2/0 640', '2/1 670'])
  })

  it('does not change when the wall clock jumps within a stay', async () => {
    const { clock, windows, make } = watched()
    await make().start()
    await clock.advance(45 * SECOND)
    clock.jump(HOUR)
    await clock.advance(15 * SECOND)
    clock.jump(-2 * HOUR)
    await clock.advance(30 * SECOND)
    expect(openings(windows.slice(2))).toEqual(['1/1 30', '1/1 30', '1/1 30', '1/1 30'])
    await clock.advance(15 * SECOND)
    expect(openings(windows).at(-1)).toBe('1/2 -3510') // 90 s after the new year, less the hour
  })
})

describe('the window that a source is asked for after a restart', () => {
  it('is the one that was open', async () => {
    const { clock, windows, make } = watched()
    const first = make()
    await first.start()
    await clock.advance(50 * SECOND)
    await first.close()
    await clock.advance(5 * MINUTE)
    await make().start()
    const before = windows.length
    await clock.advance(30 * SECOND)
    expect(openings(windows.slice(before))).toEqual(['1/1 30', '1/1 30'])
  })

  it('is the same for a cron job, which makes one turn a process', async () => {
    const { clock, windows, make } = watched()
    for (let turn = 0; turn < 5; turn += 1) {
      const controller = make()
      await controller.evaluate()
      await controller.close()
      await clock.advance(15 * SECOND)
    }
    expect(openings(windows)).toEqual(['1/0 0', '1/0 0', '1/1 30', '1/1 30'])
  })

  it('opened when it was saved, where it was stored without a time of its own', async () => {
    const { store, clock, windows, make } = watched()
    const { openedAt: _, ...old } = stored({
      revision: 1,
      savedAt: NEW_YEAR - 20 * SECOND,
      state: after([{ type: 'start' }, { type: 'warmed' }, passed]),
    })
    await putInto(store, old as typeof old & { openedAt: number }, 0)
    await make().start()
    await clock.advance(30 * SECOND)
    expect(openings(windows)).toEqual(['1/1 -20', '1/1 -20'])
    expect(await storedIn(store)).toMatchObject({ savedAt: NEW_YEAR + 30 * SECOND, openedAt: NEW_YEAR - 20 * SECOND })
  })
})

describe('the window of a weight that the target took late', () => {
  /** Step 2 is decided after 90 s, and the target takes it after 120 s at the earliest. */
  async function late() {
    const staged = watched()
    const controller = staged.make()
    await controller.start()
    await staged.clock.advance(80 * SECOND)
    staged.breakTarget(true)
    await staged.clock.advance(40 * SECOND)
    staged.breakTarget(false)
    await staged.clock.advance(6 * SECOND)
    const takenAt = staged.takenAt.at(-1)!
    expect(takenAt).toBeGreaterThan(NEW_YEAR + 120 * SECOND)
    return { ...staged, controller, takenAt }
  }

  it('opens when it was taken, and that is stored by the next look', async () => {
    const { store, clock, windows, takenAt } = await late()
    expect(await storedIn(store)).toMatchObject({ state: { step: 2 }, openedAt: NEW_YEAR + 90 * SECOND })
    await clock.advance(10 * SECOND)
    expect(windows.at(-1)).toEqual({ epoch: 1, step: 2, visit: 4, openedAt: takenAt })
    expect(await storedIn(store)).toMatchObject({ state: { step: 2 }, openedAt: takenAt })
    await clock.advance(15 * SECOND)
    expect(windows.at(-1)).toEqual({ epoch: 1, step: 2, visit: 4, openedAt: takenAt })
  })

  it('is the same one after a restart', async () => {
    const { clock, windows, controller, takenAt, make } = await late()
    await clock.advance(10 * SECOND)
    await controller.close()
    await clock.advance(MINUTE)
    await make().start()
    await clock.advance(15 * SECOND)
    expect(windows.at(-1)).toEqual({ epoch: 1, step: 2, visit: 4, openedAt: takenAt })
  })

  it('gives the next step a window of its own', async () => {
    const { clock, windows, takenAt } = await late()
    await clock.advance(90 * SECOND)
    expect(windows.at(-1)).toMatchObject({ step: 3, openedAt: expect.any(Number) })
    expect(windows.at(-1)!.openedAt).toBeGreaterThanOrEqual(takenAt + MINUTE)
  })
})
