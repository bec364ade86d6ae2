import { seededRandom } from '@model-canary/testing'
import { beforeEach, describe, expect, it } from 'vitest'
import type { AssignmentReason, Outcome } from '../foundation/vocabulary.js'
import { createHeavyUsers, type HeavyUsers } from './heavy-users.js'

let users: HeavyUsers
let random: () => number

beforeEach(() => {
  users = createHeavyUsers()
  random = seededRandom(1)
})

/** A call from its beginning to its end. Returns whether it was left out. */
function call(bucket: number, reason: AssignmentReason = 'split', outcome: Outcome = 'success'): boolean {
  const origin = { epoch: 1, step: 1, reason, bucket }
  const isLeftOut = users.begin(origin)
  users.end(origin, outcome)
  return isLeftOut
}

const FIRST_OTHER = 1_000

/** A call of one of a thousand other users, who are all alike. */
const other = (reason: AssignmentReason): boolean => call(FIRST_OTHER + Math.floor(1_000 * random()), reason)

/** What one user does: its share of all calls, and how its calls end. */
interface Story {
  readonly bucket?: number
  readonly share: number
  readonly outcome?: (at: number) => Outcome
}

/** Calls of one user among the others. Returns the user's calls, those that were left out, and those of others. */
function traffic(calls: number, reason: AssignmentReason, { bucket = 7, share, outcome = () => 'success' }: Story) {
  const counted = { calls: 0, leftOut: 0, othersLeftOut: 0 }
  for (let at = 0; at < calls; at++) {
    if (random() >= share) counted.othersLeftOut += Number(other(reason))
    else counted.leftOut += Number(call(bucket, reason, outcome(counted.calls++)))
  }
  return counted
}

const failing = (): Outcome => 'error'

describe('a user without a past', () => {
  it('is left out from its sixth call on, whether its calls fail or hang', () => {
    traffic(20_000, 'disabled', { share: 0 })
    const { calls, leftOut, othersLeftOut } = traffic(5_000, 'split', { share: 0.01, outcome: failing })
    expect(calls).toBeGreaterThan(40)
    expect(calls - leftOut).toBeLessThanOrEqual(8)
    expect(othersLeftOut).toBe(0)
    const begun = Array.from({ length: 9 }, () => users.begin({ epoch: 1, step: 1, reason: 'split', bucket: 50 }))
    expect(begun).toEqual([false, false, false, false, false, true, true, true, true])
  })

  it('is compared again some time after its traffic has ended', () => {
    traffic(20_000, 'disabled', { share: 0 })
    traffic(500, 'split', { share: 0.1 })
    expect(call(7)).toBe(true)
    traffic(8_000, 'split', { share: 0 })
    expect(call(7)).toBe(false)
  })

  it('is compared while it makes fewer calls than one in a thousand', () => {
    traffic(20_000, 'disabled', { share: 0 })
    expect(traffic(50_000, 'split', { share: 0.001 })).toMatchObject({ leftOut: 0 })
  })

  it('is compared if little is known of the past', () => {
    traffic(4_000, 'disabled', { share: 0 })
    expect(traffic(2_000, 'split', { share: 0.1 })).toMatchObject({ leftOut: 0 })
  })

  it('is compared if such users are ordinary: keys of sessions', () => {
    let session = 0
    const sessions = (count: number, reason: AssignmentReason) => {
      const calls = Array.from({ length: count }, () => {
        session += 1
        return Array.from({ length: 20 }, () => call((session * 37) % 10_000, reason))
      }).flat()
      return calls.filter(Boolean).length / calls.length
    }
    sessions(1_000, 'disabled')
    expect(sessions(1_000, 'split')).toBeLessThan(0.02)
    const bot = () => traffic(1_000, 'split', { bucket: 9_999, share: 0.02 }).leftOut
    expect(bot()).toBe(0)
    traffic(200_000, 'disabled', { share: 0 }) // such users are not ordinary any more
    expect(bot()).toBeGreaterThan(5)
  })
})

describe('a user with a past', () => {
  it('is never left out for its usual traffic, whatever the canary does to it', () => {
    traffic(30_000, 'disabled', { share: 0.01 })
    expect(traffic(30_000, 'split', { share: 0.01, outcome: failing })).toMatchObject({ leftOut: 0 })
    traffic(30_000, 'disabled', { share: 0.2 })
    expect(traffic(30_000, 'split', { share: 0.2 })).toMatchObject({ leftOut: 0 })
  })

  it('is left out if its calls multiply and most of them succeed', () => {
    traffic(30_000, 'disabled', { share: 0.01 })
    const { calls, leftOut } = traffic(4_000, 'split', {
      share: 0.1,
      outcome: (at) => (at % 10 < 3 ? 'error' : 'success'),
    })
    expect(leftOut / calls).toBeGreaterThan(0.9)
  })

  it('is not left out if it repeats every failed call six times', () => {
    traffic(30_000, 'disabled', { share: 0.01 })
    expect(traffic(30_000, 'split', { share: 0.07, outcome: failing })).toMatchObject({ leftOut: 0 })
  })
})

describe('a user whose calls failed before', () => {
  it('is left out until its calls succeed', () => {
    traffic(20_000, 'disabled', { share: 0.01, outcome: failing })
    expect(call(7, 'split', 'error')).toBe(true)
    for (let success = 0; success < 5; success++) call(7)
    expect(call(7)).toBe(false)
  })

  it('is compared if it also had calls that succeeded', () => {
    traffic(20_000, 'disabled', { share: 0.01, outcome: (at) => (at % 3 === 0 ? 'success' : 'error') })
    expect(call(7)).toBe(false)
  })

  it('is compared after an outage of all users, at once', () => {
    traffic(20_000, 'disabled', { share: 0.05 })
    traffic(1_000, 'disabled', { share: 0.05, outcome: failing })
    traffic(300, 'disabled', { share: 0.05 })
    expect(call(7)).toBe(false)
  })
})

describe('counting', () => {
  it('takes memory for the first call with a bucket, and no more than 17.2 KiB for each version', () => {
    users.begin({ epoch: 1, step: 1, reason: 'split' })
    call(7, 'override')
    expect(users.byteLength).toBe(0)
    call(7)
    expect(users.byteLength).toBe(35_000)
    traffic(100_000, 'disabled', { share: 0.5 })
    expect(users.byteLength).toBe(35_000)
  })

  it('does not count calls that were not split, such as those of a tester', () => {
    traffic(20_000, 'disabled', { share: 0 })
    for (let at = 0; at < 100; at++) expect(call(7, 'override')).toBe(false)
    expect(call(7)).toBe(false)
  })
})
