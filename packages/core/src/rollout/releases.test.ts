import { describe, expect, it } from 'vitest'
import type { EndedRelease } from './ended-release.js'
import { joined } from './order.js'
import { change, takeUp } from './record.js'
import { joinedReleases, RELEASES_KEPT, readReleases, recalled } from './releases.js'
import { after, course, passed, stored } from './rollout.fixture.js'
import { headOf, writeOf } from './stored-records.js'

const live = after([{ type: 'start' }, { type: 'warmed' }, passed])
const promoted = after([{ type: 'promote', full: true }], live)
const rolledBack = after([{ type: 'rollback' }], live)
const next = { baseline: 'v2', canary: 'v3' }

const endOf = (canary: string, end: Partial<EndedRelease> = {}): EndedRelease => ({
  ...{
    versions: { baseline: 'v0', canary },
    state: 'promoted',
    epoch: 1,
    step: 3,
    visit: 4,
    weight: 100,
    reason: 'good',
  },
  ...end,
})

const rules = {
  ...{ bench: { judge: { open: () => null } as never, guardrails: [], course }, config: 'c', historySize: 9 },
  ...{ replaySize: 0, maxStoredBytes: 262_144, calibrate: () => ({}) },
}

/** What is stored when the next release has begun after one in this state. */
function followed(state = promoted) {
  const waiting = takeUp(stored({ revision: 7, tag: 'a.7', state }), stored({ versions: next }))
  return change(waiting, { type: 'start' }, { at: 0, actor: 'operator' }, rules)!.next
}

describe('the head of a release that begins after another one', () => {
  it('has the end of the one before, and the next epoch', () => {
    const head = headOf(followed())
    expect(head).toMatchObject({ versions: next, route: { epoch: 2 } })
    expect(head.ended).toEqual([
      expect.objectContaining({ state: 'promoted', epoch: 1, weight: 100, visit: promoted.visit }),
    ])
  })

  it('has a live one as rolled back', () => {
    expect(headOf(followed(live)).ended).toMatchObject([
      { state: 'rolled-back', weight: 0, reason: expect.stringContaining('v2 → v3') },
    ])
  })

  it('is written by a process of the earlier one as it is, but for the end of that, and without a body', () => {
    const head = followed()
    const old = takeUp(head, stored())
    expect(headOf(old)).toEqual(headOf(head))
    const write = writeOf({ rollout: { ...old, state: rolledBack }, decisions: [] }, head)
    expect(write.head).toMatchObject({ versions: next, ended: [{ state: 'rolled-back', epoch: 1 }] })
    expect(write).not.toHaveProperty('body')
  })
})

describe('the end of a release that a later one has followed', () => {
  const head = { ...followed(), tag: 'b.8', revision: 8 }

  it('is that of its process again', () => {
    expect(takeUp(head, stored()).state).toMatchObject({
      state: 'promoted',
      weight: 100,
      epoch: 1,
      visit: promoted.visit,
    })
  })

  it('is kept by a process that knows it where the store does not', () => {
    const { ended: _, ...forgetful } = head
    const mine = stored({ revision: 7, state: rolledBack })
    const found = recalled(takeUp(forgetful, stored()), mine)
    expect(found.state.state).toBe('rolled-back')
    expect(headOf(joined(found, mine)).ended).toMatchObject([{ state: 'rolled-back' }])
  })

  it('is a rollback if one process knows of one', () => {
    const theirs = takeUp(head, stored())
    const valid = joined(theirs, stored({ revision: 7, state: rolledBack }))
    expect(valid).toMatchObject({ state: { state: 'rolled-back' }, latest: { versions: next } })
    expect(joined(theirs, theirs)).toBe(theirs)
  })

  it('is not that of a process whose own epoch is later: the store has lost it', () => {
    const { ended: _, ...forgetful } = head
    const found = takeUp(forgetful, stored())
    expect(recalled(found, stored({ revision: 7, state: { ...rolledBack, epoch: 3 } }))).toBe(found)
  })

  it('is a rollback if the only process that knows the release knows it as live', () => {
    const { ended: _, ...forgetful } = head
    const mine = stored({ revision: 7, state: live })
    const { state } = joined(recalled(takeUp(forgetful, stored()), mine), mine)
    expect(state).toMatchObject({ state: 'rolled-back', weight: 0, reason: expect.stringContaining('v2 → v3') })
  })

  it('is stored with the beginning of a long reason', () => {
    const long = after([{ type: 'rollback', reason: 'slow '.repeat(100) }], live)
    expect(headOf(followed(long)).ended![0]!.reason).toBe('slow '.repeat(40))
  })

  it('is not undone by a process that knows the release as live', () => {
    expect(joined(takeUp(head, stored()), stored({ revision: 90, state: live })).state.state).toBe('promoted')
  })

  it('is forgotten by the store after eight more', () => {
    const all = Array.from({ length: 10 }, (_, at) => endOf(`v${at + 1}`, { epoch: at + 1 }))
    expect(joinedReleases(all.slice(0, 5), all.slice(5))).toEqual(all.slice(-RELEASES_KEPT))
    expect(joinedReleases(all.slice(5), all.slice(0, 5))).toEqual(all.slice(-RELEASES_KEPT))
  })

  it('is the later one of two, and a rollback of the same epoch', () => {
    const [one, back, later] = [
      endOf('v1'),
      endOf('v1', { state: 'rolled-back', weight: 0 }),
      endOf('v1', { epoch: 3 }),
    ]
    expect(joinedReleases([one], [back])).toEqual([back])
    expect(joinedReleases([back], [one])).toEqual([back])
    expect(joinedReleases([back], [later])).toEqual([later])
  })

  it('is left out if it is damaged', () => {
    const damaged = [
      { versions: { baseline: 'v0' } },
      { state: 'baking' },
      { weight: 101 },
      { epoch: -1 },
      { reason: 7 },
    ]
    expect(readReleases([endOf('v1'), ...damaged.map((end) => ({ ...endOf('v2'), ...end }))])).toEqual([endOf('v1')])
    expect(readReleases('none')).toEqual([])
  })
})
