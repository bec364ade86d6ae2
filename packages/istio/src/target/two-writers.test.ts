import { CanaryError } from '@model-canary/core'
import type { Drift, TargetSplit } from '@model-canary/core/controller'
import { manualClock } from '@model-canary/testing'
import { describe, expect, it } from 'vitest'
import type { Kube, KubeEvent } from '../kube/kube.js'
import { drifted, stageOfEachTest } from './stage.fixture.js'
import { unhurried, until, VIRTUAL_SERVICE } from './world.fixture.js'

const open = stageOfEachTest()
const { targetOf, edit, markNow } = open
const at = (weight: number, revision: number): TargetSplit => ({ weight, epoch: 1, revision })

/** A client whose watch is delayed until the test releases it. */
function lagging(kube: Kube) {
  const held: KubeEvent[] = []
  let listener: ((event: KubeEvent) => void) | undefined
  const lag: Kube = {
    ...kube,
    watch: (address, tell) => {
      listener = tell
      return kube.watch(address, (event) => void held.push(event))
    },
  }
  return { lag, held, letGo: () => listener?.(held.shift()!) }
}

describe('two controllers of one rollout', () => {
  it('do not undo each other’s rollback with an earlier promotion', async () => {
    const [late, other] = [targetOf(), targetOf()]
    await late.apply(at(10, 2), unhurried)
    await other.apply(at(10, 2), unhurried)
    await other.apply(at(0, 4), unhurried)
    await expect(late.apply(at(25, 3), unhurried)).rejects.toEqual(drifted)
    expect(open.weights()).toEqual(['stable 100', 'canary 0'])
    await late.apply(at(25, 5), unhurried) // what was decided after it
    expect(open.weights()).toEqual(['stable 75', 'canary 25'])
  })

  it('do not undo it either if both were decided at the same revision', async () => {
    const [late, other] = [targetOf(), targetOf()]
    await late.apply(at(10, 2), unhurried)
    await other.apply(at(10, 2), unhurried)
    const rollBack = () => other.apply(at(0, 3), unhurried)
    let rolledBack: Promise<void> | undefined
    const kube: Kube = {
      ...open.kube,
      mergePatch: async (...patch) => {
        rolledBack ??= rollBack()
        await rolledBack
        return open.kube.mergePatch(...patch)
      },
    }
    const between = targetOf({ kube })
    await between.apply(at(10, 2), unhurried)
    await expect(between.apply(at(25, 3), unhurried)).rejects.toEqual(drifted)
    await expect(late.apply(at(25, 3), unhurried)).rejects.toEqual(drifted)
    expect(open.weights()).toEqual(['stable 100', 'canary 0'])
  })

  it('accept the other’s writes: the second one writes nothing, and continues from there', async () => {
    const [first, second] = [targetOf(), targetOf()]
    await first.apply(at(10, 2), unhurried)
    await second.apply(at(10, 2), unhurried)
    expect(open.api.requests.filter(({ method }) => method === 'PATCH')).toHaveLength(1)
    await second.apply(at(25, 3), unhurried)
    await first.apply(at(50, 4), unhurried)
    expect(open.weights()).toEqual(['stable 50', 'canary 50'])
  })

  it('both roll back, also the one with older state', async () => {
    const [late, other] = [targetOf(), targetOf()]
    await late.apply(at(10, 2), unhurried)
    await other.apply(at(50, 9), unhurried)
    await late.apply(at(0, 3), unhurried)
    expect(open.weights()).toEqual(['stable 100', 'canary 0'])
    expect(markNow().revision).toBeGreaterThan(9) // or the other one would take it for an old copy
    await expect(other.apply(at(50, 9), unhurried)).rejects.toEqual(drifted)
  })

  it('may be the same one without a memory: its first weight is written, however high the revision in the object', async () => {
    await targetOf().apply(at(50, 57), unhurried)
    const restarted = targetOf()
    await restarted.apply(at(2, 1), unhurried)
    await restarted.apply(at(10, 2), unhurried)
    await restarted.apply(at(25, 3), unhurried)
    expect(open.weights()).toEqual(['stable 75', 'canary 25'])
    const again = targetOf()
    await again.apply(at(25, 1), unhurried) // nothing to write
    await again.apply(at(50, 2), unhurried)
    expect(open.weights()).toEqual(['stable 50', 'canary 50'])
  })
})

describe('a write whose answer was lost', () => {
  it('counts as this process’s own, even if its revision is above the next one', async () => {
    await targetOf().apply(at(10, 57), unhurried)
    const restarted = targetOf()
    await restarted.apply(at(10, 1), unhurried)
    open.api.fail({ method: 'GET', before: () => {} }) // the first one decides
    open.api.fail({ method: 'GET', status: 503 })
    await expect(restarted.apply(at(25, 2), unhurried)).rejects.toMatchObject({ code: 'KUBE_FAILED' })
    expect(open.weights()).toEqual(['stable 75', 'canary 25'])
    await restarted.apply(at(50, 3), unhurried)
    expect(open.weights()).toEqual(['stable 50', 'canary 50'])
  })
})

describe('two writes of one process whose answers were lost', () => {
  it('count as its own, in any order of arrival', async () => {
    await targetOf().apply(at(10, 57), unhurried)
    const sent: Parameters<Kube['mergePatch']>[] = []
    const mute: Kube = {
      ...open.kube,
      mergePatch: async (...patch) => {
        if (sent.push(patch) > 2) return open.kube.mergePatch(...patch)
        if (sent.length === 2) await open.kube.mergePatch(...sent[0]!) // the first one is slow, and lands all the same
        throw new CanaryError('KUBE_UNREACHABLE', 'no answer')
      },
    }
    const target = targetOf({ kube: mute })
    await target.apply(at(10, 1), unhurried)
    await expect(target.apply(at(25, 2), unhurried)).rejects.toMatchObject({ code: 'KUBE_UNREACHABLE' })
    await expect(target.apply(at(50, 3), unhurried)).rejects.toMatchObject({ code: 'KUBE_UNREACHABLE' })
    expect(open.weights()).toEqual(['stable 75', 'canary 25'])
    await target.apply(at(50, 3), unhurried)
    expect(open.weights()).toEqual(['stable 50', 'canary 50'])
  })
})

describe('an old copy of the object, with the annotation of its time', () => {
  /** Applies an exported file, as `kubectl apply` does. */
  const restore = async (target: ReturnType<typeof targetOf>) => {
    await target.apply(at(25, 2), unhurried)
    const { metadata, spec } = open.api.peek(VIRTUAL_SERVICE)!
    await target.apply(at(10, 3), unhurried)
    open.api.change(VIRTUAL_SERVICE, { metadata: { annotations: metadata.annotations }, spec })
  }

  it('is drift, even though annotation and weights agree', async () => {
    const target = targetOf()
    await restore(target)
    const heard: (Drift | null)[] = []
    const stop = target.watch((drift) => heard.push(drift))
    await until(() => heard.length > 0)
    expect(heard[0]).toEqual({ weight: 25, message: expect.stringContaining('25 %; 10 % was applied') })
    await expect(target.apply(at(50, 4), unhurried)).rejects.toEqual(drifted)
    stop()
  })

  it('is replaced by what was applied last, not by its own annotation', async () => {
    const clock = manualClock()
    const target = targetOf({ onDrift: 'reassert', clock })
    await restore(target)
    const heard: (Drift | null)[] = []
    const stop = target.watch((drift) => heard.push(drift))
    await until(() => clock.pending > 0)
    await clock.advance(0)
    await until(() => heard.at(-1) === null)
    expect(open.weights()).toEqual(['stable 90', 'canary 10'])
    stop()
  })
})

describe('a watch that lags behind', () => {
  it('does not report a state from before the last write', async () => {
    const { lag, held, letGo } = lagging(open.kube)
    const target = targetOf({ kube: lag })
    const heard: (Drift | null)[] = []
    const stop = target.watch((drift) => heard.push(drift))
    await until(() => held.length === 1) // the object as it was found
    await target.apply(at(10, 2), unhurried)
    open.api.change(VIRTUAL_SERVICE, { metadata: { labels: { seen: 'yes' } } })
    await target.apply(at(25, 3), unhurried)
    await until(() => held.length === 4)
    for (let count = 1; count <= 4; count += 1) {
      letGo()
      await until(() => heard.length === count)
    }
    expect(heard).toEqual([null, null, null, null])
    stop()
  })

  it('reports drift, and reports nothing after it is stopped', async () => {
    const { lag, held, letGo } = lagging(open.kube)
    const target = targetOf({ kube: lag })
    const heard: (Drift | null)[] = []
    await target.apply(at(10, 2), unhurried)
    const stop = target.watch((drift) => heard.push(drift))
    edit(40)
    await until(() => held.length > 0)
    letGo()
    await until(() => heard.length > 0)
    expect(heard).toEqual([{ weight: 40, message: expect.stringContaining('40 %') }])
    edit(50)
    await until(() => held.length > 0)
    letGo()
    stop()
    await open.kube.get({
      group: 'networking.istio.io',
      version: 'v1',
      plural: 'virtualservices',
      namespace: 'models',
      name: 'sentiment',
    })
    expect(heard).toHaveLength(1)
  })

  it('reports the event itself if the object cannot be read again', async () => {
    const { lag, held, letGo } = lagging(open.kube)
    const target = targetOf({ kube: lag })
    const heard: (Drift | null)[] = []
    await target.apply(at(10, 2), unhurried)
    const stop = target.watch((drift) => heard.push(drift))
    edit(40)
    await until(() => held.length > 0)
    open.api.fail({ method: 'GET', status: 503 })
    letGo()
    await until(() => heard.length > 0)
    expect(heard).toEqual([{ weight: 40, message: expect.stringContaining('40 %') }])
    stop()
  })
})

describe('a reassertion', () => {
  it('writes nothing while a newer weight is being applied, however long that takes', async () => {
    const clock = manualClock()
    const target = targetOf({ onDrift: 'reassert', clock })
    await target.apply(at(25, 2), unhurried)
    const heard: (Drift | null)[] = []
    const stop = target.watch((drift) => heard.push(drift))
    await until(() => heard.length > 0)
    open.api.fail({ method: 'PATCH', status: 503 })
    await expect(target.apply(at(0, 3), unhurried)).rejects.toMatchObject({ code: 'KUBE_FAILED' })
    edit(5)
    await until(() => clock.pending > 0)
    const reads = () => open.api.requests.length
    const before = reads()
    await clock.advance(0)
    await until(() => reads() > before || clock.pending === 0)
    await target.read()
    expect(open.weights()).toEqual(['stable 95', 'canary 5'])
    await target.apply(at(0, 3), unhurried)
    expect(open.weights()).toEqual(['stable 100', 'canary 0'])
    stop()
  })
})

describe('less canary', () => {
  it('is not written if another client has reduced it further, because that would raise it', async () => {
    const target = targetOf()
    await target.apply(at(50, 2), unhurried)
    edit(5)
    await expect(target.apply(at(25, 3), unhurried)).rejects.toEqual(drifted)
    expect(open.weights()).toEqual(['stable 95', 'canary 5'])
    await target.apply(at(0, 4), unhurried)
    expect(open.weights()).toEqual(['stable 100', 'canary 0'])
  })
})
