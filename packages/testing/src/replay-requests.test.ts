import { errorRate, evidenceJudge } from '@model-canary/core'
import { describe, expect, it } from 'vitest'
import { type RecordedRequest, replayRequests } from './replay-requests.js'
import { seededRandom } from './seeded-random.js'

const ORIGIN = Date.UTC(2026, 0, 2, 3, 4, 5)

interface Recording {
  readonly canaryErrors: number
  readonly seconds?: number
  readonly beforeSeconds?: number
  /** @default 0.2 */
  readonly share?: number
}

/** Twenty requests a second: first the baseline alone, then both. */
function recorded({ canaryErrors, seconds = 900, beforeSeconds = 600, share = 0.2 }: Recording): RecordedRequest[] {
  const random = seededRandom(3)
  return Array.from({ length: 20 * (beforeSeconds + seconds) }, (_, index) => {
    const variant = index >= 20 * beforeSeconds && random() < share ? 'canary' : 'baseline'
    const durationMs = 50 + 100 * random()
    const hasFailed = random() < (variant === 'canary' ? canaryErrors : 0.01)
    return {
      variant,
      at: ORIGIN + 50 * index + durationMs,
      durationMs,
      ...(hasFailed && { outcome: 'error' as const }),
    }
  })
}

const policy = { guardrails: [errorRate({ margin: 0.03 })] }

describe('replayRequests', () => {
  it('lets a canary that is as good leave the step, and says when and at which share', async () => {
    const replay = await replayRequests({ requests: recorded({ canaryErrors: 0.01 }), rollout: policy })
    expect(replay).toMatchObject({ end: 'passed', startedAt: expect.closeTo(ORIGIN + 600_000, -3) })
    expect(replay.weight).toBeCloseTo(20, 0)
    expect(replay.elapsedMs).toBeGreaterThan(60_000)
    expect(replay.elapsedMs).toBeLessThan(900_000)
    const [latest] = replay.history
    expect(latest).toMatchObject({ action: 'advance', at: replay.startedAt + replay.elapsedMs })
  })

  it('rolls a worse one back with the reason, at the time at which it would have', async () => {
    const { end, history, requests, elapsedMs } = await replayRequests({
      requests: recorded({ canaryErrors: 0.2 }),
      rollout: policy,
    })
    expect(end).toBe('rolledBack')
    expect(history[0]).toMatchObject({ action: 'rollback', reason: expect.stringContaining('errorRate') })
    expect(elapsedMs).toBeLessThan(120_000)
    expect((requests.baseline + requests.canary) / (elapsedMs / 1_000)).toBeCloseTo(20, 0)
  })

  it('is undecided if the record is too short', async () => {
    const requests = recorded({ canaryErrors: 0.01, seconds: 30 })
    const replay = await replayRequests({ requests, rollout: policy })
    expect(replay).toMatchObject({ end: 'undecided', status: { state: 'progressing', step: 1 } })
    expect(replay.requests.baseline + replay.requests.canary).toBeCloseTo(600, -2)
  })

  it('does not depend on the order of the requests', async () => {
    const requests = recorded({ canaryErrors: 0.2 })
    const shuffled = requests.toReversed()
    const [one, other] = await Promise.all(
      [requests, shuffled].map((given) => replayRequests({ requests: given, rollout: policy })),
    )
    expect(other).toEqual(one)
  })

  it('judges by the policy that is given', async () => {
    const requests = recorded({ canaryErrors: 0.04 })
    const strict = { guardrails: [errorRate({ margin: 0.005 })], judge: evidenceJudge({ alpha: 0.2 }) }
    expect(await replayRequests({ requests, rollout: strict })).toMatchObject({ end: 'rolledBack' })
    expect(await replayRequests({ requests, rollout: { guardrails: [errorRate({ margin: 0.2 })] } })).toMatchObject({
      end: 'passed',
    })
  })

  it.each([
    [[], /none of them was served by the canary/],
    [[{ variant: 'canary', at: 1, durationMs: 1 }], /none was served by the baseline/],
    [[{ variant: 'v2', at: 1, durationMs: 1 }], /requests\[0\]\.variant must be baseline or canary, got "v2"/],
    [[{ variant: 'canary', at: Number.NaN, durationMs: 1 }], /requests\[0\]\.at/],
    [[{ variant: 'canary', at: 1, durationMs: -1 }], /requests\[0\]\.durationMs/],
    [undefined, /must be a list/],
  ])('refuses %j', async (requests, message) => {
    await expect(replayRequests({ requests: requests as RecordedRequest[] })).rejects.toThrow(message)
  })
})
