import { createHash } from 'node:crypto'
import type { Strategy } from '@model-canary/core'
import {
  type CanaryOptions,
  createCanary,
  isCanaryError,
  linearPlan,
  stickyStrategy,
  withOverride,
} from '@model-canary/core'
import { type CanaryProviderOptions, canaryProvider } from '@model-canary/openfeature'
import { manualClock } from '@model-canary/testing'
import {
  createEvaluationEvent,
  type EventDetails,
  type HookContext,
  OpenFeature,
  ProviderEvents,
} from '@openfeature/server-sdk'
import { afterEach, describe, expect, it } from 'vitest'

const toCanary: Strategy = { name: 'to-canary', unit: 'key', pick: (_, weight) => (weight > 0 ? 'canary' : 'baseline') }

const make = (options: Partial<CanaryOptions<'v1' | 'v2'>> = {}) =>
  createCanary({
    name: 'sentiment',
    versions: { baseline: 'v1', canary: 'v2' },
    strategy: toCanary,
    plan: linearPlan([5, 50, 100]),
    clock: manualClock(),
    ...options,
  })

/** A canary at 5 percent. */
const started = async (options: Partial<CanaryOptions<'v1' | 'v2'>> = {}) => {
  const canary = make(options)
  await canary.start()
  await canary.promote()
  return canary
}

let domains = 0
const clientOf = async (canaries: Parameters<typeof canaryProvider>[0], options?: CanaryProviderOptions) => {
  const domain = `test-${++domains}`
  await OpenFeature.setProviderAndWait(domain, canaryProvider(canaries, options))
  return OpenFeature.getClient(domain)
}

afterEach(async () => {
  await OpenFeature.close()
  await OpenFeature.clearProviders()
})

describe('a flag', () => {
  it('is the version as a string, with the details of the decision', async () => {
    const client = await clientOf(await started())
    expect(await client.getStringDetails('sentiment', 'none', { targetingKey: 'ann' })).toEqual({
      flagKey: 'sentiment',
      value: 'v2',
      variant: 'canary',
      reason: 'SPLIT',
      flagMetadata: {
        rollout: 'sentiment',
        modelVersion: 'v2',
        version: '1',
        epoch: 1,
        step: 1,
        weight: 5,
        contextId: createHash('sha256').update('sentiment:ann').digest('hex').slice(0, 16),
      },
    })
  })

  it('as a boolean is true if the canary serves', async () => {
    const client = await clientOf({ on: await started(), off: make() })
    expect(await client.getBooleanValue('on', false, { targetingKey: 'ann' })).toBe(true)
    expect(await client.getBooleanDetails('off', true, { targetingKey: 'ann' })).toMatchObject({
      value: false,
      variant: 'baseline',
      reason: 'DISABLED',
    })
  })

  it('as an object is the assignment', async () => {
    const client = await clientOf(await started())
    expect(await client.getObjectValue('sentiment', {}, { targetingKey: 'ann' })).toEqual({
      variant: 'canary',
      version: 'v2',
      weight: 5,
      reason: 'split',
      epoch: 1,
      step: 1,
    })
  })

  it('cannot be read as a number', async () => {
    const client = await clientOf(await started())
    expect(await client.getNumberDetails('sentiment', 7)).toMatchObject({
      value: 7,
      reason: 'ERROR',
      errorCode: 'TYPE_MISMATCH',
    })
    expect(await client.getNumberDetails('other', 7)).toMatchObject({ value: 7, errorCode: 'FLAG_NOT_FOUND' })
  })

  it.each(['other', '__proto__', 'constructor', 'toString', ''])('is not found as %j', async (key) => {
    const client = await clientOf({ sentiment: await started() })
    expect(await client.getStringDetails(key, 'mine', { targetingKey: 'ann' })).toMatchObject({
      value: 'mine',
      reason: 'ERROR',
      errorCode: 'FLAG_NOT_FOUND',
    })
    expect(await client.getBooleanDetails(key, true)).toMatchObject({ value: true, errorCode: 'FLAG_NOT_FOUND' })
    expect(await client.getObjectDetails(key, { a: 1 })).toMatchObject({ value: { a: 1 }, errorCode: 'FLAG_NOT_FOUND' })
    expect(Object.prototype).not.toHaveProperty('variant')
  })

  it('uses its own key if there are several flags', async () => {
    const other = await started({ name: 'summary', versions: { baseline: 'v1', canary: 'v2' } })
    const client = await clientOf({ 'the-sentiment': make(), 'the-summary': other })
    expect(await client.getStringValue('the-sentiment', 'none', { targetingKey: 'ann' })).toBe('v1')
    expect(await client.getStringValue('the-summary', 'none', { targetingKey: 'ann' })).toBe('v2')
  })

  it('gives every user the version of the sticky split, for each request', async () => {
    const canary = make({ strategy: stickyStrategy({ salt: 'sentiment' }) })
    await canary.start()
    for (let step = 0; step < 2; step++) await canary.promote()
    const client = await clientOf(canary)
    const keys = Array.from({ length: 200 }, (_, index) => `user-${index}`)
    const told = await Promise.all(keys.map((key) => client.getStringValue('sentiment', 'none', { targetingKey: key })))
    expect(told).toEqual(keys.map((key) => canary.begin({ key }).version))
    expect(new Set(told)).toEqual(new Set(['v1', 'v2']))
  })

  it('does not count requests', async () => {
    const canary = await started()
    const client = await clientOf(canary)
    await client.getStringValue('sentiment', 'none', { targetingKey: 'ann' })
    expect(canary.metrics().v2).toMatchObject({ requestCount: 0, inFlight: 0 })
  })
})

describe('the context', () => {
  it('gives the routing key and the attributes', async () => {
    const asked: unknown[] = []
    const spy: Strategy = {
      name: 'spy',
      unit: 'key',
      pick(request) {
        asked.push(request)
        return 'baseline'
      },
    }
    const client = await clientOf(await started({ strategy: spy }))
    await client.getStringValue('sentiment', 'none', { targetingKey: 'ann', country: 'nl', ['__proto__']: 'x' })
    expect(asked).toEqual([{ key: 'ann', attributes: { country: 'nl', ['__proto__']: 'x' } }])
  })

  it('needs no targeting key if requests are split at random', async () => {
    const client = await clientOf(await started({ strategy: { ...toCanary, unit: 'request' } }))
    const { value, reason, flagMetadata } = await client.getStringDetails('sentiment', 'none')
    expect([value, reason]).toEqual(['v2', 'SPLIT'])
    expect(flagMetadata).not.toHaveProperty('contextId')
  })
})

describe('the reason', () => {
  const failing: Strategy = {
    ...toCanary,
    pick: () => {
      throw new Error('broken')
    },
  }

  it.each([
    [
      'TARGETING_MATCH where an override decided',
      { strategy: withOverride(toCanary, () => 'canary') },
      'TARGETING_MATCH',
      'v2',
    ],
    ['DEFAULT where nobody was named', { strategy: stickyStrategy({ salt: 'a' }) }, 'DEFAULT', 'v1'],
    [
      'STATIC where the weight leaves nothing to chance',
      { plan: linearPlan([100]), strategy: { ...toCanary, unit: 'request' } },
      'STATIC',
      'v2',
    ],
    ['ERROR where the strategy failed, which is no failure of the flag', { strategy: failing }, 'ERROR', 'v1'],
  ] as const)('is %s', async (_, options, reason, value) => {
    const client = await clientOf(await started(options))
    const details = await client.getStringDetails('sentiment', 'mine')
    expect(details).toMatchObject({ value, reason })
    expect(details).not.toHaveProperty('errorCode')
  })

  it('is DISABLED after a rollback', async () => {
    const canary = await started()
    await canary.rollback()
    const client = await clientOf(canary)
    expect(await client.getStringDetails('sentiment', 'mine')).toMatchObject({ value: 'v1', reason: 'DISABLED' })
  })
})

describe('hooks', () => {
  it('get the metadata for telemetry, and a hash instead of the targeting key', async () => {
    const client = await clientOf(await started())
    const events: ReturnType<typeof createEvaluationEvent>[] = []
    client.addHooks({
      finally: (context: Readonly<HookContext>, details) => void events.push(createEvaluationEvent(context, details)),
    })
    await client.getStringValue('sentiment', 'none', { targetingKey: 'ann@example.com' })
    expect(events[0]).toMatchObject({
      name: 'feature_flag.evaluation',
      attributes: {
        'feature_flag.key': 'sentiment',
        'feature_flag.provider.name': 'model-canary',
        'feature_flag.result.variant': 'canary',
        'feature_flag.result.reason': 'split',
        'feature_flag.version': '1',
        'feature_flag.context.id': expect.stringMatching(/^[0-9a-f]{16}$/),
      },
    })
    expect(JSON.stringify(events)).not.toContain('ann@')
  })
})

describe('the life of a provider', () => {
  it('starts and closes the canaries if that is turned on', async () => {
    const canary = make()
    const client = await clientOf(canary, { start: true, close: true })
    expect(canary.status().state).not.toBe('idle')
    expect(client.metadata.providerMetadata.name).toBe('model-canary')
    await OpenFeature.close()
    await expect(canary.promote()).rejects.toSatisfy((error) => isCanaryError(error, 'CLOSED'))
  })

  it('does not start or close the canaries otherwise', async () => {
    const canary = make()
    await clientOf(canary)
    expect(canary.status().state).toBe('idle')
    await OpenFeature.close()
    await canary.start()
    expect(canary.status().state).not.toBe('idle')
    await canary.close()
  })

  it('reports a canary that cannot be started, and serves the baseline', async () => {
    const canary = make({ strategy: Promise.reject(new Error('no salt')) })
    await expect(clientOf(canary, { start: true })).rejects.toThrow(/no salt/)
    const client = OpenFeature.getClient(`test-${domains}`)
    expect(client.providerStatus).toBe('ERROR')
    expect(await client.getStringDetails('sentiment', 'mine')).toMatchObject({ value: 'v1', reason: 'DISABLED' })
  })
})

describe('a change of the configuration', () => {
  const listening = async () => {
    const canary = make()
    const client = await clientOf({ 'the-sentiment': canary, other: make({ name: 'other' }) })
    const heard: (EventDetails | undefined)[] = []
    client.addHandler(ProviderEvents.ConfigurationChanged, (details) => void heard.push(details))
    return { canary, heard }
  }
  const messages = (heard: readonly (EventDetails | undefined)[]) => heard.map((details) => details?.message)

  it('is emitted with its flag at every step and at the end', async () => {
    const { canary, heard } = await listening()
    await canary.start()
    await canary.promote()
    await canary.rollback({ reason: 'a text that stays inside' })
    await expect.poll(() => messages(heard).at(-1)).toBe('the canary was rolled back')
    expect(messages(heard)).toContain('the canary gets 5 percent')
    expect(new Set(heard.map((details) => JSON.stringify(details?.flagsChanged)))).toEqual(
      new Set(['["the-sentiment"]']),
    )
    expect(JSON.stringify(heard)).not.toContain('stays inside')
  })

  it('is emitted for a promotion', async () => {
    const { canary, heard } = await listening()
    await canary.start()
    await canary.promote({ full: true })
    await expect.poll(() => messages(heard)).toContain('the canary was promoted')
  })

  it('is emitted for the kill switch', async () => {
    const { canary, heard } = await listening()
    await canary.start()
    await canary.disable()
    await canary.enable()
    const switched = () => messages(heard).filter((message) => message?.includes('abled'))
    await expect.poll(switched).toEqual(['the canary was disabled', 'the canary was enabled'])
  })

  it('is not emitted after the provider is closed', async () => {
    const canary = make()
    const provider = canaryProvider(canary)
    const heard: unknown[] = []
    provider.events!.addHandler(ProviderEvents.ConfigurationChanged, (details) => void heard.push(details))
    await provider.initialize!()
    await provider.onClose!()
    await canary.start()
    await canary.promote()
    expect(heard).toEqual([])
    await canary.close()
  })

  it('is emitted once by a provider that was set twice', async () => {
    const canary = make()
    const provider = canaryProvider(canary)
    const heard: unknown[] = []
    provider.events!.addHandler(ProviderEvents.ConfigurationChanged, (details) => void heard.push(details))
    await provider.initialize!()
    await provider.initialize!()
    await canary.start()
    await canary.disable()
    await expect.poll(() => heard.filter((details) => JSON.stringify(details).includes('disabled'))).toHaveLength(1)
    await canary.close()
  })
})

describe('the options', () => {
  it.each([
    ['UNKNOWN_OPTION', { strat: true }],
    ['INVALID_OPTION', null],
    ['INVALID_OPTION', { start: 'yes' }],
    ['INVALID_OPTION', { close: 1 }],
    ['INVALID_OPTION', { rememberedKeys: Number.NaN }],
    ['INVALID_OPTION', { rememberedKeys: -1 }],
    ['INVALID_OPTION', { trackedEvents: 'purchase' }],
    ['INVALID_OPTION', { trackedEvents: [''] }],
  ] as const)('are refused with %s: %j', (code, options) => {
    expect(() => canaryProvider(make(), options as never)).toThrow(expect.objectContaining({ code }))
  })

  it.each([[undefined], [{}], [[make()]], [{ sentiment: {} }]])('need a canary: %j has none', (canaries) => {
    expect(() => canaryProvider(canaries as never)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
  })
})
