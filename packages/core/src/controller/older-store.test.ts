import { manualClock } from '@model-canary/testing'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { readStored } from '../rollout/read-stored.js'
import type { Head } from '../rollout/records.js'
import { after, by, passed, stored } from '../rollout/rollout.fixture.js'
import type { StateStore } from '../rollout/store.js'
import { headOf } from '../rollout/stored-records.js'
import type { StoredRollout } from '../rollout/stored-rollout.js'
import type { Decide } from './forced-changes.js'
import { createLedger } from './ledger.js'
import { toWrite } from './store.fixture.js'
import { recordsOf, storeOver } from './stored.fixture.js'

const progressing = after([{ type: 'start' }, { type: 'warmed' }, passed])
const rollback = by({ type: 'rollback' })
const promote = by({ type: 'promote' })

/** A ledger at revision 20 over a store whose content and reads a test may change. */
async function scene(state = progressing) {
  const clock = manualClock()
  const seen = { calls: 0, lost: [] as string[], retold: 0, shown: [] as number[], failures: [] as unknown[] }
  const listeners = new Set<(head: Head) => void>()
  const world = {
    kept: stored({ revision: 20, tag: 'a.20', state }) as StoredRollout | undefined,
    late: undefined as StoredRollout | undefined,
    tell: (rollout: StoredRollout) => listeners.forEach((listener) => void listener(headOf(rollout))),
  }
  const inner = storeOver(world, listeners)
  const store: StateStore = {
    ...inner,
    async load(signal) {
      seen.calls += 1
      return world.late ? recordsOf(world.late) : inner.load(signal)
    },
    async write(...asked) {
      seen.calls += 1
      return inner.write(...asked)
    },
    follow(listener) {
      listeners.add(listener)
      return () => {}
    },
  }
  const ledger = createLedger({
    store,
    clock,
    fresh: stored(),
    timeoutMs: 10_000,
    adopt: readStored,
    onChange: (_, { state }) => seen.shown.push(state.weight),
    onOverruled: () => {},
    onRetold: () => (seen.retold += 1),
    onLost: (message) => seen.lost.push(message),
    onFailure: (error) => seen.failures.push(error),
    onAnswer: () => {},
  })
  await ledger.load()
  seen.calls = 0
  seen.shown = []
  return { clock, ledger, world, seen, force: (decide: Decide) => ledger.force(decide(ledger.current)!, decide) }
}

const revision = (at: number, state = progressing) => stored({ revision: at, tag: `a.${at}`, state })

describe('a read that is late', () => {
  it('is ignored by a load, and by a commit after a lost race', async () => {
    const { ledger, world, clock, seen } = await scene()
    world.late = revision(12, after([{ type: 'start' }]))
    await ledger.load()
    world.kept = revision(21) // somebody else wrote, and the reads have not come so far
    const committed = ledger.commit(toWrite(promote))
    await clock.advance(1_000)
    expect(seen.shown).toEqual([])
    world.late = undefined
    await clock.advance(20_000) // two pauses of 5 s at most
    expect(await committed).toBeDefined()
    expect(world.kept).toMatchObject({ revision: 22, state: { step: 2 } })
    expect(seen.lost).toEqual([])
    ledger.close()
  })

  it.each([
    ['an end of the epoch before', revision(19, after([{ type: 'promote', full: true }], progressing))],
    ['a state of this epoch', revision(19)],
    ['nothing', undefined],
  ])('and brings %s does not keep a rollback out of the store', async (_, late) => {
    const { force, world, clock, ledger } = await scene({ ...progressing, epoch: 2 })
    world.late = late ?? (null as never)
    if (late === undefined) world.late = undefined
    const written = force(rollback)
    await clock.advance(0)
    await written
    expect(ledger.current.state).toMatchObject({ state: 'rolled-back', weight: 0, epoch: 2 })
    expect(world.kept).toMatchObject({ revision: 21, state: { state: 'rolled-back', epoch: 2 } })
    ledger.close()
  })

  it('for less than 10 s takes nothing over, and costs few calls', async () => {
    const { ledger, world, clock, seen } = await scene()
    world.late = revision(12)
    world.kept = revision(21)
    void ledger.commit(toWrite(promote)).catch(() => {})
    await clock.advance(9_000)
    world.late = undefined
    expect(seen.calls).toBeLessThan(24)
    await clock.advance(60_000)
    expect(await ledger.commit(toWrite(promote))).toBeDefined()
    expect(seen.lost).toEqual([])
    expect(world.kept).toEqual(ledger.current)
    ledger.close()
  })

  it('for ever never replaces what is known here, because the write is refused', async () => {
    const { ledger, world, clock, seen } = await scene(
      after([{ type: 'start' }, { type: 'warmed' }, { type: 'rollback' }]),
    )
    world.late = revision(12)
    world.kept = revision(21, ledger.current.state)
    world.tell(world.late)
    await clock.advance(600_000)
    expect(ledger.current.state.state).toBe('rolled-back')
    expect([seen.shown, seen.lost]).toEqual([[], []])
    expect(seen.calls).toBeLessThan(160) // a read every 5 to 10 s, and a write at most every 10 s
    ledger.close()
  })
})

describe('a store that was put back to older state', () => {
  it('gets what is known here with the next commit, above all earlier revisions; that is reported', async () => {
    const { ledger, world, clock, seen } = await scene()
    const random = vi.spyOn(Math, 'random').mockReturnValue(0.5) // the pauses between attempts have random lengths
    onTestFinished(() => random.mockRestore())
    world.kept = revision(12)
    void ledger.commit(toWrite(promote)).catch(() => {})
    await clock.advance(30_000)
    expect(world.kept!.revision).toBeGreaterThan(20)
    expect(seen.lost).toEqual([expect.stringContaining('from revision 20 to 12')])
    const { step } = ledger.current.state
    expect(await ledger.commit(toWrite(promote))).toBeDefined()
    expect(world.kept).toEqual(ledger.current)
    expect(ledger.current.state.step).toBe(step + 1)
    ledger.close()
  })

  it('with a live state gets the rollback that is known here, though nothing else is to be written', async () => {
    const { ledger, force, world, clock, seen } = await scene()
    await force(rollback)
    world.kept = revision(12)
    world.tell(revision(12))
    await clock.advance(4_000)
    expect(world.kept.revision).toBe(12)
    await clock.advance(26_000)
    expect(world.kept.state).toMatchObject({ state: 'rolled-back', weight: 0 })
    expect(world.kept.revision).toBeGreaterThan(21)
    expect(seen.lost).toHaveLength(1)
    expect(seen.retold).toBe(1) // whoever took up the live state may have sent its weight
    await clock.advance(600_000)
    expect(clock.pending).toBe(0)
    ledger.close()
  })

  it('takes a forced change in place of the older state, without a merge', async () => {
    const { ledger, force, world, clock } = await scene()
    world.kept = revision(12, after([{ type: 'start' }]))
    void force(rollback)
    await clock.advance(30_000)
    expect(world.kept.state).toEqual(ledger.current.state)
    expect(world.kept.state).toMatchObject({ state: 'rolled-back', step: 1 })
    expect(ledger.isAhead).toBe(false)
    ledger.close()
  })

  it('in which another process then began a new epoch is followed', async () => {
    const { ledger, force, world, clock, seen } = await scene()
    await force(rollback)
    world.kept = revision(14, { ...progressing, epoch: 2 })
    world.tell(world.kept)
    await clock.advance(30_000)
    expect(ledger.current).toMatchObject({ revision: 14, state: { epoch: 2, state: 'progressing' } })
    expect(seen.lost).toHaveLength(1)
    expect(await ledger.commit(toWrite(promote))).toBeDefined()
    ledger.close()
  })

  it('and went on above what is known here gets the rollback too', async () => {
    const { ledger, force, world, clock } = await scene()
    await force(rollback)
    world.kept = revision(40)
    world.tell(world.kept)
    await clock.advance(0)
    expect(ledger.current.state.state).toBe('rolled-back')
    expect(world.kept).toMatchObject({ revision: 41, state: { state: 'rolled-back', weight: 0 } })
    ledger.close()
  })

  it('is asked again where it fails meanwhile, and no timer is left after close', async () => {
    const { ledger, world, clock, seen } = await scene()
    world.kept = revision(12)
    world.tell(world.kept)
    world.late = { revision: 'x' } as never
    await clock.advance(60_000)
    expect(seen.failures.length).toBeGreaterThan(3)
    expect(seen.failures.length).toBeLessThan(15)
    world.late = undefined
    await clock.advance(30_000)
    expect(world.kept.revision).toBeGreaterThan(20)
    ledger.close()
    expect(clock.pending).toBe(0)
  })
})
