import type { Strategy } from '@model-canary/core'
import { type Canary, type CanaryOptions, createCanary, isCanaryError, linearPlan, tripwire } from '@model-canary/core'
import { manualClock } from '@model-canary/testing'
import { describe, expect, it, vi } from 'vitest'

const everybody: Strategy = { name: 'everybody', unit: 'request', pick: () => 'canary' }

const made = (options: Partial<CanaryOptions<'v1' | 'v2'>> = {}) => {
  const clock = manualClock()
  const canary = createCanary({
    name: 'serving',
    versions: { baseline: 'v1', canary: 'v2' },
    plan: linearPlan([50, 100], { minDurationMs: 60_000, minRequests: 10 }),
    warmUp: { durationMs: 0 },
    strategy: everybody,
    clock,
    ...options,
  })
  const alerts = vi.fn()
  canary.on('alert', alerts)
  return { clock, canary, alerts }
}

const models = { baseline: () => 'v1', canary: () => 'v2' }
const requests = (canary: Canary<'v1' | 'v2'>) => [canary.metrics().v1.requestCount, canary.metrics().v2.requestCount]

describe('before start()', () => {
  it('every request goes to the baseline, is counted, and one alert says so', () => {
    const { canary, alerts } = made()
    const predict = canary.wrap(models)
    expect([predict(), predict(), predict()]).toEqual(['v1', 'v1', 'v1'])
    expect(canary.begin().assignment).toMatchObject({ variant: 'baseline', reason: 'disabled', weight: 0 })
    expect(requests(canary)).toEqual([3, 0])
    expect(alerts.mock.calls).toMatchObject([[{ about: 'not-started' }]])
    expect(canary.status()).toMatchObject({ state: 'idle', epoch: 0, weight: 0 })
  })

  it('no alert is sent without requests, or while start() waits for its strategy', async () => {
    const { canary, alerts } = made({ strategy: Promise.resolve(everybody) })
    canary.assign()
    const starting = canary.start()
    expect(canary.wrap(models)()).toBe('v1')
    await starting
    expect(alerts).not.toHaveBeenCalled()
  })
})

describe('start()', () => {
  it('awaits a strategy that is a promise', async () => {
    const { canary, clock } = made({ strategy: Promise.resolve(everybody) })
    await canary.start()
    await clock.advance(0)
    expect(canary.wrap(models)()).toBe('v2')
  })

  it.each<[string, () => Promise<unknown>]>([
    ['is rejected', async () => Promise.reject(new Error('no such table'))],
    ['gives something else', async () => ({ pick: () => 'canary' })],
    ['gives nothing', async () => undefined],
  ])('rejects INVALID_STRATEGY where its promise %s, and the baseline goes on serving', async (_, strategy) => {
    const { canary } = made({ strategy: strategy() as Promise<Strategy> })
    await expect(canary.start()).rejects.toMatchObject({ code: 'INVALID_STRATEGY' })
    expect(canary.wrap(models)()).toBe('v1')
    expect(canary.status().state).toBe('idle')
  })

  it('can be called again, and starts only once', async () => {
    const { canary, clock } = made()
    await Promise.all([canary.start(), canary.start()])
    await clock.advance(0)
    const { pending } = clock
    await canary.start()
    expect(canary.status()).toMatchObject({ state: 'progressing', epoch: 1 })
    expect((await canary.history()).filter(({ action }) => action === 'start')).toHaveLength(1)
    expect(clock.pending).toBe(pending)
  })
})

describe('the status', () => {
  it('is JSON, and explained in sentences', async () => {
    const { canary, clock } = made()
    await canary.start()
    canary.wrap(models)()
    await clock.advance(15_000)
    const status = canary.status()
    expect(JSON.parse(JSON.stringify(status))).toEqual(status)
    expect(status).toMatchObject({ name: 'serving', versions: { baseline: 'v1', canary: 'v2' }, weight: 50, step: 1 })
    expect(canary.explain()).toMatch(/^Rollout "serving" of v2 against v1 is progressing at 50 %/)
  })
})

describe('close()', () => {
  const closed = async () => {
    const staged = made()
    await staged.canary.start()
    await staged.clock.advance(0)
    const predict = staged.canary.wrap(models)
    predict()
    const under = staged.canary.begin()
    await staged.canary.close()
    return { ...staged, predict, under }
  }

  it('leaves no timer behind, and can be called again', async () => {
    const { canary, clock } = await closed()
    expect(clock.pending).toBe(0)
    await canary.close()
    expect(clock.pending).toBe(0)
  })

  it('lets a second call wait for the same end', async () => {
    const { canary } = made()
    expect(canary.close()).toBe(canary.close())
  })

  it('goes on routing at the last weight', async () => {
    const { canary, predict } = await closed()
    expect(predict()).toBe('v2')
    expect(canary.assign()).toMatchObject({ weight: 50, reason: 'split' })
  })

  it('ignores later calls, and leaves nothing open', async () => {
    const { canary, predict, under } = await closed()
    predict()
    canary.record({ variant: 'canary', durationMs: 1, outcome: 'success' })
    const counted = { requestCount: 2, successCount: 1, ignoredCount: 1, inFlight: 0 }
    expect(canary.metrics().v2).toMatchObject(counted)
    under.end()
    expect(canary.metrics().v2).toMatchObject(counted)
  })

  it('is not a rollback, and nothing trips after it', async () => {
    const { canary } = await closed()
    for (let call = 0; call < 50; call++) canary.begin().end({ outcome: 'error' })
    expect(canary.assign().variant).toBe('canary')
  })

  it('refuses the verbs from then on', async () => {
    const { canary } = await closed()
    await expect(canary.rollback()).rejects.toMatchObject({ code: 'CLOSED' })
    await expect(canary.start()).rejects.toMatchObject({ code: 'CLOSED' })
  })

  it('waits at most two seconds for open calls', async () => {
    const apply = () => new Promise<void>(() => {})
    const { canary, clock } = made({ target: { apply } })
    await canary.start()
    await clock.advance(0)
    const over = vi.fn()
    void canary.close().then(over)
    await clock.advance(1_999)
    expect(over).not.toHaveBeenCalled()
    await clock.advance(1)
    expect(over).toHaveBeenCalledTimes(1)
  })
})

describe('a canary that breaks during the rollout', () => {
  const rolling = async (good: number) => {
    const staged = made({ tripwire: tripwire() })
    let isBroken = false
    const predict = staged.canary.wrap({
      baseline: () => 'v1',
      canary: () => {
        if (isBroken) throw new Error('out of memory')
        return 'v2'
      },
    })
    await staged.canary.start()
    await staged.clock.advance(0)
    for (let call = 0; call < good; call++) predict()
    isBroken = true
    const fails = (times: number) => {
      for (let call = 0; call < times; call++) expect(predict).toThrow('out of memory')
    }
    return { ...staged, predict, fails }
  }

  it.each([
    [0, 10, '10 canary errors in a row'],
    [40, 10, '10 canary errors in a row'],
    [50, 6, '6 errors in the last 50 canary requests'],
    [10_000, 6, '6 errors in the last 50 canary requests'],
  ])('after %i good requests is rolled back by error %i, in that very request', async (good, errors, reason) => {
    const { canary, predict, fails } = await rolling(good)
    fails(errors - 1)
    expect(canary.status().state).toBe('progressing')
    fails(1)
    expect(canary.status()).toMatchObject({ state: 'rolled-back', weight: 0, reason })
    expect(predict()).toBe('v1')
    expect(canary.assign()).toMatchObject({ variant: 'baseline', reason: 'disabled' })
  })

  it('lets open requests finish undisturbed', async () => {
    const { canary, fails } = await rolling(0)
    const flight = canary.begin()
    let answer = (_: string) => {}
    const slow = () => new Promise<string>((resolve) => (answer = resolve))
    const output = canary.wrap({ baseline: slow, canary: slow })()
    fails(10)
    expect(canary.status().state).toBe('rolled-back')
    expect(flight).toMatchObject({ isOpen: true, isAborted: false, version: 'v2' })
    expect(flight.signal.aborted).toBe(false)
    answer('of v2')
    expect(await output).toBe('of v2')
    flight.end()
    expect(canary.metrics().v2).toMatchObject({ successCount: 2, errorCount: 10, inFlight: 0 })
  })

  it('says so once', async () => {
    const { canary, clock, fails } = await rolling(0)
    const rolledBack = vi.fn()
    canary.on('rolled-back', rolledBack)
    const late = Array.from({ length: 30 }, () => canary.begin())
    fails(10)
    for (const flight of late) flight.end({ outcome: 'error' })
    await clock.advance(60_000)
    expect(rolledBack).toHaveBeenCalledTimes(1)
  })
})

describe('watching never breaks serving', () => {
  it('whatever a listener, logger, strategy, store or observer does', async () => {
    const failing = () => {
      throw new Error('broken')
    }
    const rejecting = async () => failing()
    const { canary, clock } = made({
      strategy: { name: 'broken', unit: 'request', pick: failing },
      store: { load: rejecting, write: rejecting, follow: () => () => {}, close: rejecting },
      target: { apply: rejecting },
      logger: { info: failing, warn: rejecting, error: failing },
    })
    for (const name of ['decision', 'step', 'alert', 'internal-error', 'rolled-back'] as const) {
      canary.on(name, failing)
      canary.on(name, rejecting)
    }
    const unhandled = vi.fn()
    process.on('unhandledRejection', unhandled)
    await canary.start()
    const predict = canary.wrap(models, { key: failing, predictionOf: rejecting as never })
    for (let second = 0; second < 30; second++) {
      expect(predict()).toBe('v1')
      await clock.advance(1_000)
    }
    await Promise.all([canary.close(), clock.advance(2_000)])
    process.off('unhandledRejection', unhandled)
    expect(unhandled).not.toHaveBeenCalled()
    expect(Object.keys(canary.status().internalErrors).sort()).toEqual([
      'KEY_FAILED',
      'LISTENER_FAILED',
      'OBSERVER_FAILED',
      'STORE_FAILED',
    ])
  })

  it('and a strategy that breaks sends its requests to the baseline', async () => {
    const pick = () => {
      throw new Error('broken')
    }
    const { canary, clock } = made({ strategy: { name: 'broken', unit: 'request', pick } })
    await canary.start()
    await clock.advance(0)
    expect(canary.wrap(models)()).toBe('v1')
    expect(canary.assign()).toMatchObject({ variant: 'baseline', reason: 'strategy-error' })
    expect(canary.status().internalErrors).toEqual({ STRATEGY_FAILED: 2 })
  })
})

describe('the errors of a canary', () => {
  it('are recognised by their code', async () => {
    const { canary } = made()
    const error = await canary.promote().catch((reason: unknown) => reason)
    expect(isCanaryError(error, 'NOT_STARTED')).toBe(true)
    expect(isCanaryError(error, 'TERMINAL')).toBe(false)
  })
})
