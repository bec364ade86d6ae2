import { createCanary } from '@model-canary/core'
import type { FlightObserver } from '@model-canary/core/adapter'
import type { createController } from '@model-canary/core/controller'
import { type EventLogger, openTelemetryMetrics, openTelemetryObserver } from '@model-canary/opentelemetry'
import type { Logger, Meter } from '@opentelemetry/api'
import { describe, expectTypeOf, it } from 'vitest'

describe('the observer', () => {
  it('is one of a canary’s', () => {
    expectTypeOf(openTelemetryObserver({ name: 'sentiment' })).toEqualTypeOf<FlightObserver>()
  })

  it('takes the logger and the meter of the API', () => {
    expectTypeOf<Logger>().toExtend<EventLogger>()
    expectTypeOf<Meter>().toExtend<NonNullable<Parameters<typeof openTelemetryObserver>[0]['meter']>>()
  })

  it('knows its options', () => {
    // @ts-expect-error the rollout's name is needed
    openTelemetryObserver({})
    // @ts-expect-error what the conventions called a system is a provider now
    openTelemetryObserver({ name: 'sentiment', generative: { system: 'openai' } })
  })
})

describe('the metrics', () => {
  it('are of a canary or of a controller', () => {
    const canary = createCanary({ name: 'sentiment', versions: { baseline: 'v1', canary: 'v2' } })
    expectTypeOf(openTelemetryMetrics(canary)).toEqualTypeOf<() => void>()
    expectTypeOf<ReturnType<typeof createController>>().toExtend<Parameters<typeof openTelemetryMetrics>[0]>()
  })
})
