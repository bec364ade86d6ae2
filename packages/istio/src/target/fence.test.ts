import type { Drift, TargetSplit } from '@model-canary/core/controller'
import { describe, expect, it } from 'vitest'
import type { Kube } from '../kube/kube.js'
import { drifted, stageOfEachTest } from './stage.fixture.js'
import { unhurried, until } from './world.fixture.js'

const open = stageOfEachTest()
const { targetOf, markNow } = open

/** A split as the leader with this fence sends it. Its process may have counted its revisions far ahead of the others. */
const split = (weight: number, fence: number, revision: number, isReduction = weight === 0): TargetSplit => ({
  ...{ weight, epoch: 1, fence, revision, isReduction },
  lastKnown: 0,
})

describe('a leader that another one has replaced', () => {
  it('does not raise the share, however high its revision is', async () => {
    const [former, next] = [targetOf(), targetOf()]
    await former.apply(split(10, 1, 2), unhurried)
    await next.apply(split(0, 2, 3), unhurried)
    await expect(former.apply(split(50, 1, 90), unhurried)).rejects.toEqual(drifted)
    expect(open.weights()).toEqual(['stable 100', 'canary 0'])
    await next.apply(split(25, 2, 4), unhurried)
    await expect(former.apply(split(50, 1, 91), unhurried)).rejects.toThrow(
      /a later leader \(fence 2\) has applied 25 %/,
    )
    expect(open.weights()).toEqual(['stable 75', 'canary 25'])
  })

  it('does not raise it either if it was stopped between its read and its write', async () => {
    const next = targetOf()
    await next.apply(split(10, 1, 2), unhurried)
    let isStopped = true
    const kube: Kube = {
      ...open.kube,
      mergePatch: async (...patch) => {
        if (isStopped) {
          isStopped = false
          await next.apply(split(0, 2, 3), unhurried)
        }
        return open.kube.mergePatch(...patch)
      },
    }
    const former = targetOf({ kube })
    await expect(former.apply(split(50, 1, 90), unhurried)).rejects.toEqual(drifted)
    expect(open.weights()).toEqual(['stable 100', 'canary 0'])
  })

  it('reduces it all the same, and leaves the fence as it is', async () => {
    const [former, next] = [targetOf(), targetOf()]
    await next.apply(split(50, 2, 3), unhurried)
    await former.apply(split(25, 1, 2, true), unhurried)
    expect(markNow()).toMatchObject({ weight: 25, fence: 2 })
    await former.apply(split(0, 1, 3), unhurried)
    expect(markNow()).toMatchObject({ weight: 0, fence: 2 })
    expect(open.weights()).toEqual(['stable 100', 'canary 0'])
  })

  it('does not report the share of the next leader as drift, although it has not sent its own increase', async () => {
    let isDown = false
    const kube: Kube = {
      ...open.kube,
      mergePatch: async (...patch) => {
        if (isDown) throw new Error('no answer')
        return open.kube.mergePatch(...patch)
      },
    }
    const [former, next] = [targetOf({ kube }), targetOf()]
    const told: (Drift | null)[] = []
    const end = former.watch((drift) => told.push(drift))
    await former.apply(split(10, 1, 2), unhurried)
    isDown = true
    await expect(former.apply(split(50, 1, 3), unhurried)).rejects.toThrow('no answer')
    await until(() => told.length > 0)
    const before = told.length
    await next.apply(split(50, 2, 4), unhurried)
    await until(() => told.length > before)
    expect(told.filter((drift) => drift !== null)).toEqual([])
    end()
  })
})

describe('a new leader', () => {
  it('writes its fence next to the weight that it finds in force, and raises over any revision', async () => {
    const [former, next] = [targetOf(), targetOf()]
    await former.apply(split(10, 1, 90), unhurried)
    await next.apply(split(10, 2, 3), unhurried)
    expect(markNow()).toMatchObject({ weight: 10, fence: 2 })
    await expect(former.apply(split(50, 1, 95), unhurried)).rejects.toEqual(drifted)
    await targetOf().apply(split(50, 3, 4), unhurried)
    expect(open.weights()).toEqual(['stable 50', 'canary 50'])
  })

  it('of an empty store begins with its own fence, although the object has a higher one', async () => {
    await targetOf().apply(split(0, 7, 9), unhurried)
    const fresh = targetOf()
    await fresh.apply({ ...split(0, 1, 1), isReduction: false, lastKnown: null }, unhurried)
    await fresh.apply(split(10, 1, 2), unhurried)
    expect(open.weights()).toEqual(['stable 90', 'canary 10'])
    expect(markNow()).toMatchObject({ fence: 1 })
  })
})
