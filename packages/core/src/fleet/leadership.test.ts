import { manualClock, seededRandom } from '@model-canary/testing'
import { describe, expect, it } from 'vitest'
import { sharedMemoryStore } from '../controller/shared-memory-store.js'
import type { Fleet, LeaseAnswer } from '../rollout/fleet.js'
import { createLine, type Line, type Way } from './fleet.fixture.js'
import { createLeadership, type LeadershipOptions } from './leadership.js'

const TIMEOUT_MS = 2_000

function start(given: Partial<LeadershipOptions> = {}, clock = manualClock()) {
  const fleet = given.fleet ?? sharedMemoryStore({ clock }).fleet!
  const changes: string[] = []
  const failures: string[] = []
  const line: Line = createLine(fleet as Fleet, clock)
  let blockedMs = 0
  const leadership = createLeadership({
    id: 'one',
    timeoutMs: TIMEOUT_MS,
    leastFence: () => 0,
    onChange: (isLeader) => changes.push(`${isLeader} at ${clock.elapsed()}`),
    onFailure: (cause) => failures.push((cause as Error).message),
    ...given,
    fleet: line.fleet,
    clock: { ...clock, elapsed: () => clock.elapsed() + blockedMs },
  })
  return { clock, fleet, line, leadership, changes, failures, block: (ms: number) => (blockedMs += ms) }
}

/** Returns a leadership whose store returns these answers, one after another. */
const answering = (...answers: unknown[]) => {
  const fleet = { lease: async () => answers.shift() as LeaseAnswer }
  return start({ fleet: { ...sharedMemoryStore().fleet!, ...fleet } as Fleet })
}

const mine = (fence: number, leftMs = 10_000) => ({ isMine: true, fence, holder: 'one', leftMs })
const free = { isMine: false, fence: 0, holder: null, leftMs: 0 }

describe('a process alone', () => {
  it('leads after its first ask, renews every three seconds, and says so once', async () => {
    const { clock, leadership, changes, line, failures } = start()
    expect(leadership.lease).toBeUndefined()
    leadership.start()
    leadership.start()
    await clock.advance(0)
    expect(leadership.lease).toEqual({ id: 'one', fence: 1 })
    const { lease } = leadership
    await clock.advance(30_000)
    expect(line.calls).toHaveLength(11)
    expect(leadership.lease).toBe(lease)
    expect([changes, failures]).toEqual([['true at 0'], []])
  })

  it('asks for a fence above that of the rollout, and above its own', async () => {
    const clock = manualClock()
    const stores = [sharedMemoryStore({ clock }), sharedMemoryStore({ clock })]
    let at = 0
    const fleet = {
      ...stores[0]!.fleet!,
      lease: ((ask, signal) => stores[at]!.fleet!.lease(ask, signal)) as Fleet['lease'],
    }
    const { leadership, changes } = start({ fleet, leastFence: () => 6 }, clock)
    leadership.start()
    await clock.advance(1_000)
    expect(leadership.lease?.fence).toBe(7)
    at = 1 // a store that has lost everything
    await clock.advance(3_000)
    expect(leadership.lease?.fence).toBe(8)
    expect(changes).toEqual(['true at 0', 'false at 3000', 'true at 3000'])
  })

  it('returns a lease of a restored store below the fence of the rollout, and gets a higher one', async () => {
    const clock = manualClock()
    let known = 0
    const { leadership, line } = start({ leastFence: () => known }, clock)
    leadership.start()
    await clock.advance(0)
    known = 5
    await clock.advance(4_000)
    expect(leadership.lease?.fence).toBe(6)
    expect(line.calls).toHaveLength(4)
  })
})

describe('the belief in a lease', () => {
  it('counts from the time at which the ask was sent, however late the answer is', async () => {
    const { clock, leadership, line, changes } = start()
    line.way = { thereMs: 900, backMs: 900 }
    leadership.start()
    await clock.advance(1_800)
    expect(leadership.lease).toBeDefined()
    line.way = 'hangs'
    await clock.advance(6_199)
    expect(leadership.lease).toBeDefined()
    await clock.advance(1)
    expect(leadership.lease).toBeUndefined()
    expect(changes).toEqual(['true at 1800', 'false at 8000'])
  })

  it('is over at the read that follows a blocked event loop, before any timer has run', async () => {
    const { clock, leadership, block, changes } = start()
    leadership.start()
    await clock.advance(0)
    block(7_999)
    expect(leadership.lease).toBeDefined()
    block(1)
    expect(leadership.lease).toBeUndefined()
    expect(changes).toEqual(['true at 0'])
  })

  it('does not begin with an answer that was late by more than its time', async () => {
    const { clock, leadership, line, block, changes } = start()
    line.way = { thereMs: 0, backMs: 100 }
    leadership.start()
    await clock.advance(50)
    block(8_000)
    await clock.advance(60)
    expect(line.calls).toHaveLength(2)
    expect([leadership.lease, changes]).toEqual([undefined, []])
  })

  it('is not longer than the store says', async () => {
    const { clock, leadership } = answering(mine(1, 500))
    leadership.start()
    await clock.advance(499)
    expect(leadership.lease).toBeDefined()
    await clock.advance(1)
    expect(leadership.lease).toBeUndefined()
  })

  it('lasts over failures in between, which are repeated sooner', async () => {
    const { clock, leadership, line, changes, failures } = start()
    leadership.start()
    await clock.advance(2_000)
    line.way = 'fails'
    await clock.advance(4_000)
    line.way = 'open'
    await clock.advance(20_000)
    expect(changes).toEqual(['true at 0'])
    expect(new Set(failures)).toEqual(new Set(['connection refused']))
    expect(failures.length).toBeGreaterThan(1)
  })
})

describe('an answer in a wrong form', () => {
  it.each([
    ['nothing', undefined],
    ['a text', 'OK'],
    ['a lease for somebody else', { ...mine(1), holder: 'two' }],
    ['a refusal that names this process', { ...mine(1), isMine: false }],
    ['a number for true', { ...mine(1), isMine: 1 }],
    ['a fence as a text', { ...mine(1), fence: '1' }],
    ['a negative fence', mine(-1)],
    ['a duration as a text', { ...mine(1), leftMs: '10000' }],
    ['an endless duration', mine(1, Number.POSITIVE_INFINITY)],
  ])('is a failure and no lease: %s', async (_, answer) => {
    const { clock, leadership, failures } = answering(answer, answer, mine(2))
    leadership.start()
    await clock.advance(0)
    expect(leadership.lease).toBeUndefined()
    expect(failures).toEqual([expect.stringContaining('[STORE_FAILED] lease() answered')])
    await clock.advance(3_000)
    expect(leadership.lease?.fence).toBe(2)
  })
})

describe('a candidate', () => {
  const two = async () => {
    const clock = manualClock()
    const { fleet } = sharedMemoryStore({ clock })
    const first = start({ fleet: fleet! }, clock)
    first.leadership.start()
    await clock.advance(0)
    const second = start({ fleet: fleet!, id: 'two' }, clock)
    second.leadership.start()
    await clock.advance(10_000)
    expect([first.leadership.lease?.fence, second.leadership.lease]).toEqual([1, undefined])
    return { clock, fleet: fleet!, first, second }
  }

  it('leads within a second after the lease of a killed leader has run out', async () => {
    const { clock, first, second } = await two()
    first.line.way = 'hangs' // the last renewal was at 9,000
    await clock.advance(8_999)
    expect(second.leadership.lease).toBeUndefined()
    await clock.advance(1_001)
    expect(second.leadership.lease).toEqual({ id: 'two', fence: 2 })
  })

  it('leads within one interval and a half after the leader has stopped', async () => {
    const { clock, first, second } = await two()
    await first.leadership.stop()
    expect(first.leadership.lease).toBeUndefined()
    await clock.advance(4_500)
    expect(second.leadership.lease?.fence).toBe(2)
    await clock.advance(60_000)
    expect(first.leadership.lease).toBeUndefined()
    first.leadership.start()
    await clock.advance(60_000)
    expect(first.changes).toEqual(['true at 0', 'false at 10000'])
  })

  it('stands again after every loss', async () => {
    const { clock, first, second } = await two()
    first.line.way = 'hangs'
    await clock.advance(20_000)
    first.line.way = 'open'
    await clock.advance(10_000)
    expect([first.leadership.lease, second.leadership.lease?.fence]).toEqual([undefined, 2])
    await second.leadership.stop()
    await clock.advance(4_500)
    expect(first.leadership.lease?.fence).toBe(3)
    expect(first.changes.map((change) => change.split(' ')[0])).toEqual(['true', 'false', 'true'])
  })

  it('asks at other times than another candidate, the same in each run', async () => {
    const timesOf = async (id: string) => {
      const clock = manualClock()
      const times: number[] = []
      const lease: Fleet['lease'] = async () => {
        times.push(clock.elapsed())
        return { ...free, holder: 'leader', leftMs: 9_000, fence: 1 }
      }
      start({ id, fleet: { ...sharedMemoryStore().fleet!, lease } as Fleet }, clock).leadership.start()
      await clock.advance(20_000)
      return times
    }
    const [a, again, b] = [await timesOf('pod-1'), await timesOf('pod-1'), await timesOf('pod-2')]
    expect(a).toEqual(again)
    expect(a).not.toEqual(b)
    const pauses = a!.slice(1).map((time, at) => time - a![at]!)
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(3_000)
    expect(Math.max(...pauses)).toBeLessThanOrEqual(3_500)
    expect(new Set(pauses).size).toBe(pauses.length)
  })

  it('returns the lease while it must not lead, and leads again later', async () => {
    let isFit = true
    const { clock, leadership, line } = start({ mayLead: () => isFit })
    leadership.start()
    await clock.advance(0)
    isFit = false
    await clock.advance(9_000)
    expect(leadership.lease).toBeUndefined()
    expect(line.calls).toHaveLength(2)
    isFit = true
    await clock.advance(3_000)
    expect(leadership.lease?.fence).toBe(2)
  })
})

describe('a refused write', () => {
  it('drops the lease, and the next ask says what is true', async () => {
    const { clock, leadership, changes } = start()
    leadership.start()
    await clock.advance(1_000)
    leadership.lost()
    expect(leadership.lease).toBeUndefined()
    await clock.advance(0)
    expect(leadership.lease?.fence).toBe(1)
    expect(changes).toEqual(['true at 0', 'false at 1000', 'true at 1000'])
  })

  it('makes the answer to an earlier ask void', async () => {
    const { clock, leadership, line } = start()
    line.way = { thereMs: 0, backMs: 500 }
    leadership.start()
    await clock.advance(3_100)
    leadership.lost()
    await clock.advance(400)
    expect([leadership.lease, line.calls.length]).toEqual([undefined, 3])
    await clock.advance(500)
    expect(leadership.lease).toBeDefined()
    expect(line.mostPending).toBe(1)
  })

  it('of an earlier lease changes nothing', async () => {
    const { clock, leadership } = answering(mine(3))
    leadership.start()
    await clock.advance(0)
    leadership.lost({ id: 'one', fence: 2 })
    expect(leadership.lease?.fence).toBe(3)
    leadership.lost({ id: 'one', fence: 3 })
    expect(leadership.lease).toBeUndefined()
  })
})

describe('stop', () => {
  it.each(['fails', 'hangs', 'mute'] as const)('resolves within the limit if the store %s', async (way) => {
    const { clock, leadership, line } = start()
    leadership.start()
    await clock.advance(2_999)
    line.way = way
    await clock.advance(1)
    let isStopped = false
    void leadership.stop().then(() => {
      isStopped = true
    })
    expect(leadership.lease).toBeUndefined()
    await clock.advance(TIMEOUT_MS)
    expect(isStopped).toBe(true)
    await clock.advance(60_000)
    expect([leadership.lease, clock.pending]).toEqual([undefined, 0])
  })

  it('returns the lease of an ask that is answered meanwhile', async () => {
    const { clock, fleet, leadership, line, changes } = start()
    line.way = { thereMs: 100, backMs: 100 }
    leadership.start()
    await clock.advance(50)
    void leadership.stop()
    await clock.advance(1_000)
    const { signal } = new AbortController()
    expect(await fleet.lease({ id: 'two', ttlMs: 1_000, leastFence: 0 }, signal)).toMatchObject({
      isMine: true,
      fence: 2,
    })
    expect(changes).toEqual([])
  })

  it('returns the lease if the answer to the ask was lost', async () => {
    const { clock, fleet, leadership, line } = start()
    line.way = 'mute'
    leadership.start()
    await clock.advance(2_500)
    line.way = 'open'
    await leadership.stop()
    const { signal } = new AbortController()
    expect(await fleet.lease({ id: 'two', ttlMs: 1_000, leastFence: 0 }, signal)).toMatchObject({ isMine: true })
  })

  it('asks nothing of the store if another process leads', async () => {
    const { clock, leadership, line } = answering({ ...free, holder: 'two', fence: 1, leftMs: 9_000 })
    leadership.start()
    await clock.advance(0)
    await leadership.stop()
    expect(line.calls).toEqual(['lease'])
  })
})

it('two processes never rely on the lease at the same time, also if calls fail, hang or are late', async () => {
  const random = seededRandom(7)
  const pick = (): Way => {
    const drawn = random()
    if (drawn < 0.15) return 'fails'
    if (drawn < 0.3) return 'hangs'
    if (drawn < 0.45) return 'mute'
    return drawn < 0.6 ? 'open' : { thereMs: random() * 500, backMs: random() * 5_400 }
  }
  const clock = manualClock()
  const { fleet } = sharedMemoryStore({ clock })
  const all = ['a', 'b', 'c'].map((id) => start({ fleet: fleet!, id, timeoutMs: 6_000 }, clock))
  for (const { leadership } of all) leadership.start()
  let led = 0
  const fences = new Set<number>()
  for (let turn = 0; turn < 5_000; turn++) {
    for (const one of all) {
      if (random() < 0.05) one.line.way = pick()
      if (random() < 0.01) one.leadership.lost()
    }
    await clock.advance(random() * 500)
    const leases = all.flatMap(({ leadership }) => leadership.lease ?? [])
    expect(leases.length).toBeLessThanOrEqual(1)
    led += leases.length
    for (const { fence } of leases) fences.add(fence)
  }
  expect(led).toBeGreaterThan(1_000)
  expect(fences.size).toBeGreaterThan(10)
  expect(Math.max(...all.map(({ line }) => line.mostPending))).toBe(1)
})
