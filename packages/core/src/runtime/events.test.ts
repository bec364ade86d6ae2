import { manualClock } from '@model-canary/testing'
import { describe, expect, it } from 'vitest'
import { CanaryError } from '../foundation/errors.js'
import { createEvents } from './events.js'

function scene() {
  const clock = manualClock({ startMs: 5_000 })
  const events = createEvents(clock)
  const errors: (readonly [code: string, count: number, at: number])[] = []
  events.on('internal-error', ({ code, count, at }) => errors.push([code, count, at]))
  return { clock, events, errors }
}

describe('internal errors', () => {
  it('are all counted, and emitted once per second and code', async () => {
    const { clock, events, errors } = scene()
    for (let i = 0; i < 100; i += 1) events.report(new CanaryError('STORE_FAILED', 'down'))
    events.report(new CanaryError('TARGET_FAILED', 'down'))
    await clock.advance(999)
    events.report(new CanaryError('STORE_FAILED', 'down'))
    await clock.advance(1)
    events.report(new CanaryError('STORE_FAILED', 'down'))
    expect(errors).toEqual([
      ['STORE_FAILED', 1, 5_000],
      ['TARGET_FAILED', 1, 5_000],
      ['STORE_FAILED', 102, 6_000],
    ])
    expect(events.counts()).toEqual({ STORE_FAILED: 102, TARGET_FAILED: 1 })
  })

  it('do not loop if the listener of internal errors throws itself', () => {
    const { events } = scene()
    events.on('internal-error', () => {
      throw new Error('mine')
    })
    events.report(new CanaryError('STORE_FAILED', 'down'))
    expect(events.counts()).toEqual({ STORE_FAILED: 1, LISTENER_FAILED: 2 })
  })
})

describe('an alert', () => {
  it('carries the wall time, what it is about and a sentence', () => {
    const { events } = scene()
    const alerts: unknown[] = []
    events.on('alert', (alert) => alerts.push(alert))
    events.alert('target', 'the mesh is down')
    expect(alerts).toEqual([{ at: 5_000, about: 'target', message: 'the mesh is down' }])
  })
})
