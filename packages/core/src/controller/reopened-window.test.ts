import { manualClock } from '@model-canary/testing'
import { describe, expect, it } from 'vitest'
import { createCanary } from '../canary/create-canary.js'
import type { Drift, MetricsSource, Target } from '../rollout/ports.js'
import { counted } from '../rollout/rollout.fixture.js'
import { createWorld } from './controller.fixture.js'
import { storedIn } from './stored.fixture.js'

const SECOND = 1_000
const MINUTE = 60_000
const NEW_YEAR = Date.UTC(2026, 0, 1)

describe('a window that opens anew after a change by others', () => {
  const drift: Drift = { weight: 40, message: 'The route sends 40 % to the canary.' }

  /** A target that a test changes behind the back of its rollout. */
  function changeable() {
    let tell = (_drift: Drift | null) => {}
    const target: Target = {
      apply: async () => {},
      watch(listener) {
        tell = listener
        return () => {}
      },
    }
    return { target, tell: (found: Drift | null) => tell(found) }
  }

  it('is the same for all replicas, and nothing is counted twice', async () => {
    const { clock, store, make } = createWorld()
    const read: MetricsSource['read'] = async ({ openedAt }) => counted((clock.now() - openedAt) / 100)
    const replicas = [changeable(), changeable()] as const
    for (const { target } of replicas) await make({ source: { read }, target }).start()
    await clock.advance(MINUTE)
    expect((await storedIn(store))?.state.requests.canary).toBe(300)
    for (const { tell } of replicas) tell(drift)
    await clock.advance(10 * MINUTE)
    replicas[0].tell(null)
    await clock.advance(5 * SECOND)
    replicas[1].tell(null)
    await clock.advance(15 * SECOND)
    const { openedAt, state } = (await storedIn(store))!
    expect([660, 665]).toContain((openedAt - NEW_YEAR) / SECOND)
    expect(state).toMatchObject({ step: 1, requests: { canary: 300 + (NEW_YEAR + 675 * SECOND - openedAt) / 100 } })
  })

  it('takes no answer to a question about the window before it', async () => {
    const { clock, make } = createWorld()
    const { target, tell } = changeable()
    const late: (() => void)[] = []
    const read: MetricsSource['read'] = async ({ step, openedAt }) => {
      const counts = counted((clock.now() - openedAt) / 100)
      if (step === 1 && late.length === 0) await new Promise<void>((resolve) => late.push(resolve))
      return counts
    }
    const controller = make({ source: { read }, target })
    await controller.start()
    await clock.advance(45 * SECOND)
    tell(drift)
    tell(null)
    late[0]!()
    await clock.advance(0)
    expect(controller.status().requests.canary).toBe(0)
    await clock.advance(15 * SECOND)
    expect(controller.status().requests.canary).toBe(150)
  })

  it('has every request counted once that was counted in this process', async () => {
    const clock = manualClock()
    const { target, tell } = changeable()
    const versions = { baseline: 'v1', canary: 'v2' }
    const warmUp = { durationMs: 10 * MINUTE }
    const canary = createCanary({ name: 'sentiment', versions, target, warmUp, clock })
    await canary.start()
    await clock.advance(0)
    const serve = async (requests: number, ms: number) => {
      for (let request = 0; request < requests; request += 1) canary.begin().end()
      await clock.advance(ms)
    }
    await serve(100, 15 * SECOND)
    await serve(30, 5 * SECOND) // seen by an interim check, and by no look yet
    tell(drift)
    tell(null)
    await serve(20, 10 * SECOND)
    const { baseline, canary: arm } = canary.status().requests
    expect(baseline + arm).toBe(150)
    await canary.close()
  })
})
