import { createHash } from 'node:crypto'
import type { Strategy } from '@model-canary/core'
import { type CanaryOptions, createCanary, isCanaryError, linearPlan, withOverride } from '@model-canary/core'
import { openTelemetryObserver } from '@model-canary/opentelemetry'
import { manualClock } from '@model-canary/testing'
import { context, metrics, trace } from '@opentelemetry/api'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { boundariesOf, createTelemetry, pointsOf } from './telemetry.fixture.js'

let telemetry: ReturnType<typeof createTelemetry>
beforeEach(() => {
  telemetry = createTelemetry()
})
afterEach(() => telemetry.stop())

const name = 'sentiment'
const byKey = (pick: Strategy['pick']): Strategy => ({ name: 'by-key', unit: 'key', pick })
const toCanary = byKey((_, weight) => (weight > 0 ? 'canary' : 'baseline'))

const started = async (options: Partial<CanaryOptions<'v1' | 'v2'>> = {}, observe = {}) => {
  const clock = manualClock()
  const canary = createCanary({
    name,
    versions: { baseline: 'v1', canary: 'v2' },
    strategy: toCanary,
    plan: linearPlan([5, 100]),
    observers: [openTelemetryObserver({ name, meter: telemetry.meter, ...observe })],
    clock,
    ...options,
  })
  await canary.start()
  await canary.promote() // past the warm-up: to 5 percent
  return { canary, clock }
}

describe('the active span', () => {
  it('gets the evaluation as the semantic conventions name it', async () => {
    const { canary } = await started()
    const span = await telemetry.inSpan(() => canary.begin({ key: 'ann' }).end())
    expect(span.events.map((event) => [event.name, event.attributes])).toEqual([
      [
        'feature_flag.evaluation',
        {
          'feature_flag.key': 'sentiment',
          'feature_flag.result.variant': 'canary',
          'feature_flag.result.reason': 'split',
          'feature_flag.provider.name': 'model-canary',
          'feature_flag.version': '1',
          'feature_flag.context.id': createHash('sha256').update('sentiment:ann').digest('hex').slice(0, 16),
          'model_canary.variant': 'canary',
          'model_canary.version': 'v2',
          'model_canary.step': 1,
          'model_canary.weight': 5,
        },
      ],
    ])
    expect(span.attributes).toEqual({
      'model_canary.rollout': 'sentiment',
      'model_canary.variant': 'canary',
      'model_canary.version': 'v2',
    })
    await canary.close()
  })

  it('is that of the request, across an await', async () => {
    const { canary } = await started()
    const predict = canary.wrap({ baseline: async () => 1, canary: async () => 2 }, { key: () => 'ann' })
    const both = await Promise.all([
      telemetry.inSpan(async () => {
        await Promise.resolve()
        await predict()
      }),
      telemetry.inSpan(() => {}),
    ])
    expect(both.map(({ events }) => events.length)).toEqual([1, 0])
    await canary.close()
  })

  it('never gets the key, and gets no hash of it if that is turned off', async () => {
    const { canary } = await started()
    const secret = 'ann@example.com'
    expect(JSON.stringify(attributesOf(await telemetry.inSpan(() => canary.begin({ key: secret }))))).not.toContain(
      'ann',
    )
    await canary.close()

    const without = await started({}, { contextId: false })
    const span = await telemetry.inSpan(() => without.canary.begin({ key: secret }))
    expect(attributesOf(span)).not.toHaveProperty(['feature_flag.context.id'])
    await without.canary.close()
  })

  it('gets another hash of the same key for another rollout', async () => {
    const first = await started()
    const second = await started({}, { name: 'summary' })
    const ids = [
      attributesOf(await telemetry.inSpan(() => first.canary.begin({ key: 'ann' }))),
      attributesOf(await telemetry.inSpan(() => second.canary.begin({ key: 'ann' }))),
    ].map((attributes) => attributes['feature_flag.context.id'])
    expect(ids).toEqual([expect.stringMatching(/^[0-9a-f]{16}$/), expect.stringMatching(/^[0-9a-f]{16}$/)])
    expect(new Set(ids).size).toBe(2)
    await Promise.all([first.canary.close(), second.canary.close()])
  })

  it('gets an event for each of several flights', async () => {
    const { canary } = await started()
    const span = await telemetry.inSpan(() => {
      canary.begin({ key: 'ann' })
      canary.begin({ key: 'ben' })
    })
    expect(span.events).toHaveLength(2)
    await canary.close()
  })

  it('is not changed if it does not record, and the key is not read', async () => {
    const { canary } = await started()
    const observer = openTelemetryObserver({ name, spanOnly: true })
    const untouched = {
      get key(): string {
        throw new Error('read')
      },
    }
    const span = trace.wrapSpanContext({ traceId: '1'.repeat(32), spanId: '1'.repeat(16), traceFlags: 0 })
    const began = () => observer.began!(canary.assign(), untouched)
    expect(() => context.with(trace.setSpan(context.active(), span), began)).not.toThrow()
    expect(began).not.toThrow()
    await expect(telemetry.inSpan(began)).rejects.toThrow('read')
    await canary.close()
  })

  it('is optional', async () => {
    const { canary } = await started()
    expect(trace.getActiveSpan()).toBeUndefined()
    canary.begin({ key: 'ann' }).end()
    expect(canary.status().internalErrors).toEqual({})
    await canary.close()
  })
})

describe('the reason', () => {
  const reasonOf = async (options: Partial<CanaryOptions<'v1' | 'v2'>>, request = {}) => {
    const { canary } = await started(options)
    const attributes = attributesOf(await telemetry.inSpan(() => canary.begin(request)))
    await canary.close()
    return attributes
  }

  it.each([
    ['split', {}, { key: 'ann' }, 'split'],
    ['static where the weight leaves nothing to chance', { plan: linearPlan([100]) }, { key: 'ann' }, 'static'],
    [
      'targeting_match where an override decided',
      { strategy: withOverride(toCanary, () => 'canary') },
      { key: 'ann' },
      'targeting_match',
    ],
    ['default where nobody was named', {}, {}, 'default'],
  ] as const)('is %s', async (_, options, request, expected) => {
    const attributes = await reasonOf(options, request)
    expect(attributes).toMatchObject({ 'feature_flag.result.reason': expected })
    expect(attributes).not.toHaveProperty(['error.type'])
  })

  it('is error, of the general type, if the strategy failed', async () => {
    const broken = byKey(() => {
      throw new Error('broken')
    })
    expect(await reasonOf({ strategy: broken }, { key: 'ann' })).toMatchObject({
      'feature_flag.result.reason': 'error',
      'error.type': 'general',
      'model_canary.variant': 'baseline',
    })
  })

  it('is disabled once the canary is switched off', async () => {
    const { canary } = await started()
    await canary.disable()
    const attributes = attributesOf(await telemetry.inSpan(() => canary.begin({ key: 'ann' })))
    expect(attributes).toMatchObject({ 'feature_flag.result.reason': 'disabled', 'model_canary.version': 'v1' })
    await canary.close()
  })
})

describe('a logger', () => {
  it('gets the events instead of the span, which keeps its attributes', async () => {
    const records: { eventName?: string; attributes?: object }[] = []
    const { canary } = await started({}, { logger: { emit: (record: object) => records.push(record) } })
    const span = await telemetry.inSpan(() => canary.begin({ key: 'ann' }))
    canary.begin({ key: 'ben' }) // also without a span
    expect(span.events).toEqual([])
    expect(span.attributes).toMatchObject({ 'model_canary.version': 'v2' })
    expect(records.map(({ eventName }) => eventName)).toEqual(['feature_flag.evaluation', 'feature_flag.evaluation'])
    expect(records[0]!.attributes).toMatchObject({ 'feature_flag.key': 'sentiment' })
    await canary.close()
  })
})

describe('the metrics', () => {
  const v2 = { 'model_canary.rollout': 'sentiment', 'model_canary.variant': 'canary', 'model_canary.version': 'v2' }

  it('count and time finished calls by version and outcome, in seconds', async () => {
    const { canary, clock } = await started()
    const slow = canary.begin({ key: 'ann' })
    await clock.advance(250)
    slow.end({ prediction: 'positive' })
    canary.begin({ key: 'ann' }).end({ outcome: 'error' })
    const collected = await telemetry.collect()
    const success = { ...v2, 'model_canary.outcome': 'success' }
    const error = { ...v2, 'model_canary.outcome': 'error' }
    expect(pointsOf(collected.get('model_canary.requests'))).toEqual([
      { ...success, value: 1 },
      { ...error, value: 1 },
    ])
    expect(pointsOf(collected.get('model_canary.request.duration'))).toEqual([
      { ...success, count: 1, sum: 0.25 },
      { ...error, count: 1, sum: 0 },
    ])
    expect(collected.get('model_canary.request.duration')!.descriptor.unit).toBe('s')
    expect(boundariesOf(collected.get('model_canary.request.duration')!)).toEqual([
      0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 30, 60,
    ])
    expect([...collected.keys()]).not.toContain('gen_ai.server.request.duration')
    await canary.close()
  })

  it('ignore invalid outcomes and invalid durations', async () => {
    const { canary } = await started()
    const observer = openTelemetryObserver({ name, meter: telemetry.meter })
    const assignment = canary.assign({ key: 'ann' })
    const call = { variant: 'canary', at: 0, durationMs: Number.NaN, outcome: 'success' } as const
    observer.ended!(assignment, call)
    observer.ended!(assignment, { ...call, outcome: 'a user’s text' as 'success' })
    const collected = await telemetry.collect()
    expect(pointsOf(collected.get('model_canary.requests'))).toEqual([
      { ...v2, 'model_canary.outcome': 'success', value: 1 },
    ])
    expect(pointsOf(collected.get('model_canary.request.duration'))).toEqual([])
    await canary.close()
  })

  it('are not recorded with spanOnly', () => {
    expect(openTelemetryObserver({ name, spanOnly: true })).not.toHaveProperty('ended')
  })

  it('use the global meter that exists when the first request ends', async () => {
    const { canary } = await started({}, { meter: undefined })
    metrics.setGlobalMeterProvider(telemetry.meterProvider)
    try {
      canary.begin({ key: 'ann' }).end()
      expect([...(await telemetry.collect()).keys()]).toContain('model_canary.requests')
    } finally {
      metrics.disable()
      await canary.close()
    }
  })

  it('are not recorded without an SDK', async () => {
    const { canary } = await started({}, { meter: undefined, generative: true })
    canary.begin({ key: 'ann' }).end()
    expect(canary.status().internalErrors).toEqual({})
    await canary.close()
  })
})

describe('a generative model', () => {
  const labels = {
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'self_hosted',
    'gen_ai.request.model': 'v2',
    'gen_ai.response.model': 'v2',
    'model_canary.rollout': 'sentiment',
    'model_canary.variant': 'canary',
  }

  it('has the time to its first token, the time per token after it, and the total time', async () => {
    const { canary, clock } = await started({}, { generative: true })
    const flight = canary.begin({ key: 'ann' })
    await clock.advance(3_500)
    flight.end({ metrics: { timeToFirstChunkMs: 500, outputTokens: 301 } })
    const collected = await telemetry.collect()
    expect(pointsOf(collected.get('gen_ai.server.request.duration'))).toEqual([{ ...labels, count: 1, sum: 3.5 }])
    expect(pointsOf(collected.get('gen_ai.server.time_to_first_token'))).toEqual([{ ...labels, count: 1, sum: 0.5 }])
    expect(pointsOf(collected.get('gen_ai.server.time_per_output_token'))).toEqual([{ ...labels, count: 1, sum: 0.01 }])
    expect(pointsOf(collected.get('model_canary.time_to_first_chunk'))).toMatchObject([{ count: 1, sum: 0.5 }])
    await canary.close()
  })

  it('is timed by the stream that it returns', async () => {
    const { canary, clock } = await started({}, { generative: true })
    const answer = async function* () {
      await new Promise<void>((resolve) => clock.schedule(200, resolve))
      yield 'hello'
      yield 'you'
    }
    const reply = canary.wrap({ baseline: answer, canary: answer }, { key: () => 'ann' })
    const read = (async () => {
      for await (const _ of reply());
    })()
    await clock.advance(200)
    await read
    const collected = await telemetry.collect()
    expect(pointsOf(collected.get('gen_ai.server.time_to_first_token'))).toEqual([{ ...labels, count: 1, sum: 0.2 }])
    expect(pointsOf(collected.get('gen_ai.server.time_per_output_token'))).toEqual([])
    await canary.close()
  })

  it('has an error.type if it failed, and is not recorded if its client left', async () => {
    const { canary } = await started(
      {},
      { generative: { operation: 'text_completion', provider: 'acme', requestModel: 'large' } },
    )
    canary.begin({ key: 'ann' }).end({ outcome: 'error', metrics: { timeToFirstChunkMs: 5, outputTokens: 9 } })
    canary.begin({ key: 'ann' }).end({ outcome: 'timeout' })
    canary.begin({ key: 'ann' }).end({ outcome: 'aborted' })
    const collected = await telemetry.collect()
    const named = {
      ...labels,
      'gen_ai.operation.name': 'text_completion',
      'gen_ai.provider.name': 'acme',
      'gen_ai.request.model': 'large',
    }
    expect(pointsOf(collected.get('gen_ai.server.request.duration'))).toEqual([
      { ...named, 'error.type': '_OTHER', count: 1, sum: 0 },
      { ...named, 'error.type': 'timeout', count: 1, sum: 0 },
    ])
    expect(pointsOf(collected.get('gen_ai.server.time_to_first_token'))).toEqual([])
    await canary.close()
  })

  it.each([
    ['one token', { timeToFirstChunkMs: 0, outputTokens: 1 }],
    ['no number of tokens', { timeToFirstChunkMs: 0, outputTokens: Number.NaN }],
    ['a yes for a number', { timeToFirstChunkMs: 0, outputTokens: true }],
    ['a first token after the last', { timeToFirstChunkMs: 9, outputTokens: 5 }],
  ])('has no time per token with %s', async (_, metricsOfCall) => {
    const { canary } = await started({}, { generative: true })
    canary.begin({ key: 'ann' }).end({ metrics: metricsOfCall })
    const collected = await telemetry.collect()
    expect(pointsOf(collected.get('gen_ai.server.time_per_output_token'))).toEqual([])
    await canary.close()
  })

  it('uses the buckets that the conventions recommend', async () => {
    const { canary } = await started({}, { generative: true })
    canary.begin({ key: 'ann' }).end({ metrics: { timeToFirstChunkMs: 0, outputTokens: 5 } })
    const collected = await telemetry.collect()
    const edges = (metric: string) => boundariesOf(collected.get(metric)!)
    expect(edges('gen_ai.server.request.duration')).toEqual([
      0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92,
    ])
    expect(edges('gen_ai.server.time_to_first_token')).toEqual([
      0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10,
    ])
    expect(edges('gen_ai.server.time_per_output_token')).toEqual([
      0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5,
    ])
    await canary.close()
  })
})

describe('the options', () => {
  it.each([
    ['UNKNOWN_OPTION', { name, metter: {} }],
    ['UNKNOWN_OPTION', { name, generative: { system: 'acme' } }],
    ['INVALID_OPTION', undefined],
    ['INVALID_OPTION', {}],
    ['INVALID_OPTION', { name: '' }],
    ['INVALID_OPTION', { name: 'x'.repeat(129) }],
    ['INVALID_OPTION', { name, provider: 7 }],
    ['INVALID_OPTION', { name, contextId: 'no' }],
    ['INVALID_OPTION', { name, spanOnly: 1 }],
    ['INVALID_OPTION', { name, meter: null }],
    ['INVALID_OPTION', { name, meter: {} }],
    ['INVALID_OPTION', { name, logger: {} }],
    ['INVALID_OPTION', { name, generative: null }],
    ['INVALID_OPTION', { name, generative: { operation: '' } }],
  ])('are refused with %s: %j', (code, options) => {
    expect(thrownBy(() => openTelemetryObserver(options as never))).toSatisfy((error) =>
      isCanaryError(error, code as 'INVALID_OPTION'),
    )
  })
})

const attributesOf = (span: { events: readonly { attributes?: object | undefined }[] }) =>
  span.events[0]!.attributes as Record<string, unknown>

function thrownBy(call: () => unknown): unknown {
  try {
    return call()
  } catch (error) {
    return error
  }
}
