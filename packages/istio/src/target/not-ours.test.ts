import type { Drift, TargetSplit } from '@model-canary/core/controller'
import { describe, expect, it } from 'vitest'
import { drifted, specOf, stageOfEachTest } from './stage.fixture.js'
import { unhurried, until, VIRTUAL_SERVICE } from './world.fixture.js'

const open = stageOfEachTest()
const { targetOf, edit, replace, recreate, markNow } = open
const more = (weight: number, revision: number, lastKnown: number | null, epoch = 1): TargetSplit => ({
  ...{ weight, epoch, revision, lastKnown, isReduction: false },
})
const less = (weight: number, revision: number, lastKnown: number | null, epoch = 1): TargetSplit => ({
  ...{ weight, epoch, revision, lastKnown, isReduction: true },
})

describe('a split of an older epoch', () => {
  it.each([
    ['more', more(50, 99, 0)],
    ['less', less(5, 99, 50)],
    ['nothing', less(0, 99, 50)],
  ])('does not overwrite a later one: %s', async (_name, old) => {
    await targetOf().apply(more(10, 3, 0, 2), unhurried)
    await expect(targetOf().apply(old, unhurried)).rejects.toEqual(drifted)
    expect(open.weights()).toEqual(['stable 90', 'canary 10'])
  })

  it('starts anew if nothing is stored and the canary gets no traffic', async () => {
    await targetOf().apply(less(0, 57, 10, 7), unhurried)
    const fresh = targetOf()
    await fresh.apply(more(0, 1, null), unhurried)
    await fresh.apply(more(2, 2, 0), unhurried)
    expect(open.weights()).toEqual(['stable 98', 'canary 2'])
  })
})

describe('a weight that is not ours', () => {
  const ways: readonly [string, (canary: number) => void][] = [
    ['kubectl edit', edit],
    ['kubectl replace', replace],
    ['delete and re-create', recreate],
  ]
  const states = ways.flatMap(([name, change]) => [[name, change, 0] as const, [name, change, 40] as const])

  it.each(states)('stays after a restart, and is reported: %s to %3$s %%', async (_name, change, canary) => {
    await targetOf().apply(more(10, 2, 0), unhurried)
    change(canary)
    const restarted = targetOf()
    const heard: (Drift | null)[] = []
    const stop = restarted.watch((drift) => heard.push(drift))
    await until(() => heard.length > 0)
    await expect(restarted.apply(more(25, 3, 10), unhurried)).rejects.toEqual(drifted)
    expect(open.weights()).toEqual([`stable ${100 - canary}`, `canary ${canary}`])
    await until(() => heard.at(-1)?.weight === canary)
    expect(heard.at(-1)?.message).toContain('10 % was applied')
    change(10)
    await until(() => heard.at(-1) === null)
    await restarted.apply(more(25, 3, 10), unhurried)
    expect(open.weights()).toEqual(['stable 75', 'canary 25'])
    stop()
  })

  it.each(ways)('is kept by the process that applied another one: %s', async (_name, change) => {
    const target = targetOf()
    await target.apply(more(10, 2, 0), unhurried)
    change(40)
    await expect(target.apply(more(50, 3, 10), unhurried)).rejects.toEqual(drifted)
    expect(open.weights()).toEqual(['stable 60', 'canary 40'])
  })

  it.each(ways)('is overwritten by a reduction, also after a restart: %s', async (_name, change) => {
    const target = targetOf()
    await target.apply(more(50, 2, 0), unhurried)
    change(40)
    await targetOf().apply(less(10, 3, 50), unhurried)
    expect(open.weights()).toEqual(['stable 90', 'canary 10'])
    change(40)
    await target.apply(less(0, 4, 50), unhurried)
    expect(open.weights()).toEqual(['stable 100', 'canary 0'])
    change(40)
    await targetOf().apply(less(0, 4, 0), unhurried)
    expect(open.weights()).toEqual(['stable 100', 'canary 0'])
  })

  it('is not raised by a demotion to a higher weight', async () => {
    const target = targetOf()
    await target.apply(more(50, 2, 0), unhurried)
    edit(5)
    await expect(target.apply(less(25, 3, 50), unhurried)).rejects.toEqual(drifted)
    expect(open.weights()).toEqual(['stable 95', 'canary 5'])
  })

  it.each(ways)('is overwritten with "reassert": %s', async (_name, change) => {
    await targetOf().apply(more(10, 2, 0), unhurried)
    change(40)
    await targetOf({ onDrift: 'reassert' }).apply(more(10, 2, 10), unhurried)
    expect(open.weights()).toEqual(['stable 90', 'canary 10'])
  })
})

describe('a server-side apply', () => {
  /** Applies a file without the annotation, as `kubectl apply --server-side` does. */
  const apply = async (canary: number, query = '') => {
    const { apiVersion, kind } = open.api.peek(VIRTUAL_SERVICE)!
    const body = JSON.stringify({ apiVersion, kind, metadata: { name: 'sentiment' }, spec: specOf(canary) })
    const response = await fetch(`${open.api.url}${VIRTUAL_SERVICE}?fieldManager=kubectl${query}`, {
      ...{ method: 'PATCH', body },
      headers: { authorization: `Bearer ${open.api.token}`, 'content-type': 'application/apply-patch+yaml' },
    })
    await response.body?.cancel()
    return response.status
  }

  it('conflicts with the owner of the weights, and with --force-conflicts is drift like any other change', async () => {
    const target = targetOf()
    await target.apply(more(10, 2, 0), unhurried)
    expect(await apply(40)).toBe(409)
    expect(open.weights()).toEqual(['stable 90', 'canary 10'])
    expect(await apply(40, '&force=true')).toBe(200)
    await expect(target.apply(more(50, 3, 10), unhurried)).rejects.toEqual(drifted)
    await expect(targetOf().apply(more(50, 3, 10), unhurried)).rejects.toEqual(drifted)
    await target.apply(less(0, 4, 10), unhurried)
    expect(open.weights()).toEqual(['stable 100', 'canary 0'])
    expect(await apply(0)).toBe(200) // 0 is what both want: nobody is in the other's way
    expect(await apply(40)).toBe(409)
  })
})

describe('after a restart', () => {
  it('a stored promotion continues from our mark', async () => {
    await targetOf().apply(more(50, 4, 0), unhurried)
    await targetOf().apply(more(100, 5, 100), unhurried)
    expect(open.weights()).toEqual(['stable 0', 'canary 100'])
  })

  it('a missing mark does not matter if the weight equals the stored one', async () => {
    await targetOf().apply(more(10, 2, 0), unhurried)
    replace(10)
    const restarted = targetOf()
    await restarted.apply(more(10, 2, 10), unhurried)
    expect(markNow()).toMatchObject({ weight: 10, epoch: 1 })
    await restarted.apply(more(25, 3, 10), unhurried)
    expect(open.weights()).toEqual(['stable 75', 'canary 25'])
  })

  it('a promotion that was undone by hand for the next release stays undone', async () => {
    await targetOf().apply(more(100, 5, 0), unhurried)
    edit(0)
    await expect(targetOf().apply(more(100, 5, 100), unhurried)).rejects.toEqual(drifted)
    expect(open.weights()).toEqual(['stable 100', 'canary 0'])
  })

  it('a rollback that was not stored is not undone', async () => {
    await targetOf().apply(more(10, 2, 0), unhurried)
    await targetOf().apply(less(0, 3, 10), unhurried) // the store was down then
    await expect(targetOf().apply(more(10, 2, 10), unhurried)).rejects.toEqual(drifted)
    expect(open.weights()).toEqual(['stable 100', 'canary 0'])
  })
})

describe('the rollback of a first weight whose answer was lost', () => {
  it('leaves its own mark, so that nobody takes it for a change by somebody else', async () => {
    const target = targetOf()
    open.api.fail({ method: 'GET', before: () => {} }) // the first one decides
    open.api.fail({ method: 'GET', status: 503 })
    await expect(target.apply(more(10, 2, null), unhurried)).rejects.toMatchObject({ mayBeInForce: true })
    await target.apply(less(0, 3, null), unhurried)
    expect(open.weights()).toEqual(['stable 100', 'canary 0'])
    expect(markNow()).toMatchObject({ weight: 0, epoch: 1 })
  })
})

describe('a second controller without a common store', () => {
  it.each(['hold', 'reassert'] as const)('sees the first one’s writer and holds, with "%s"', async (onDrift) => {
    const first = targetOf()
    await first.apply(more(10, 2, 0), unhurried)
    const second = targetOf({ onDrift })
    const heard: (Drift | null)[] = []
    const stop = second.watch((drift) => heard.push(drift))
    await until(() => heard.length > 0)
    await expect(second.apply(more(0, 1, null), unhurried)).rejects.toEqual(drifted)
    await expect(second.apply(more(2, 9, null), unhurried)).rejects.toEqual(drifted)
    await expect(second.apply(more(10, 9, null), unhurried)).rejects.toEqual(drifted) // the same weight is not the same rollout
    await until(() => heard.at(-1) !== null)
    expect(heard.at(-1)).toEqual({
      weight: 10,
      message: expect.stringContaining('another controller has applied 10 %'),
    })
    await first.apply(more(25, 3, 10), unhurried)
    expect(open.weights()).toEqual(['stable 75', 'canary 25'])
    await second.apply(less(0, 10, null), unhurried)
    expect(open.weights()).toEqual(['stable 100', 'canary 0'])
    stop()
  })

  it.each(['hold', 'reassert'] as const)(
    'whose epochs count further holds it too, but for less: "%s"',
    async (onDrift) => {
      const first = targetOf()
      await first.apply(more(10, 31, 0, 7), unhurried)
      const second = targetOf({ onDrift })
      const heard: (Drift | null)[] = []
      const stop = second.watch((drift) => heard.push(drift))
      await until(() => heard.length > 0)
      for (const split of [more(0, 1, null), more(50, 2, null), more(10, 2, null), less(50, 3, null)]) {
        await expect(second.apply(split, unhurried)).rejects.toEqual(drifted)
      }
      await until(() => heard.at(-1)?.message.includes('a later rollout (epoch 7) has applied 10 %') === true)
      expect(open.weights()).toEqual(['stable 90', 'canary 10'])
      await second.apply(less(0, 4, null), unhurried)
      expect(open.weights()).toEqual(['stable 100', 'canary 0'])
      await expect(first.apply(more(50, 32, 10, 7), unhurried)).rejects.toEqual(drifted) // it was taken away by somebody else
      expect(open.weights()).toEqual(['stable 100', 'canary 0'])
      stop()
    },
  )

  it('does not raise a weight that was there before it, even without a mark', async () => {
    replace(40)
    await expect(targetOf().apply(more(50, 2, null), unhurried)).rejects.toEqual(drifted)
    expect(open.weights()).toEqual(['stable 60', 'canary 40'])
    await targetOf().apply(more(10, 2, null), unhurried)
    expect(open.weights()).toEqual(['stable 90', 'canary 10'])
  })
})

describe('a second controller over a common store', () => {
  it('that came too late for its first weight applies the next one', async () => {
    const first = targetOf()
    await first.apply(more(10, 2, 0), unhurried)
    const second = targetOf()
    await expect(second.apply(more(0, 1, null), unhurried)).rejects.toEqual(drifted)
    await second.apply(more(10, 2, 0), unhurried)
    await second.apply(more(25, 3, 10), unhurried)
    expect(open.weights()).toEqual(['stable 75', 'canary 25'])
  })
})
