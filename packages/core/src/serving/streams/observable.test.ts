import { describe, expect, it, vi } from 'vitest'
import type { Clock } from '../../runtime/clock.js'
import { stage } from '../stage.fixture.js'

interface Told {
  next?: (value: unknown) => void
  error?: (error: unknown) => void
  complete?: () => void
}

const served = async <Output>(make: (clock: Clock) => Output, options = {}) => {
  const staged = await stage(options)
  const model = () => make(staged.clock)
  return { ...staged, output: staged.canary.wrap({ baseline: model, canary: model })() }
}

/** Gives what a test says, when it says so. */
function source(subscription: object = { unsubscribe() {} }) {
  let told: Told = {}
  const observable = {
    subscribe(...input: unknown[]): unknown {
      told = input[0] as Told
      return subscription
    },
    pipe: () => observable,
  }
  return { observable, told: () => told }
}

describe('an observable', () => {
  it('is measured from its subscription, with the time to its first value', async () => {
    const { observable, told } = source()
    const { output, clock, canary } = await served(() => observable)
    await clock.advance(5_000)
    output.subscribe({})
    await clock.advance(30)
    told().next?.(1)
    await clock.advance(30)
    told().complete?.()
    const { successCount, avgLatencyMs, metrics } = canary.metrics().v2
    expect([successCount, avgLatencyMs]).toEqual([1, 60])
    expect(metrics.timeToFirstChunkMs?.count).toBe(1)
  })

  it('that gives something within maxFlightMs goes on', async () => {
    const { observable, told } = source()
    const { output, clock, counts } = await served(() => observable, { maxFlightMs: 1_000 })
    output.subscribe({})
    for (let value = 0; value < 5; value += 1) {
      await clock.advance(800)
      told().next?.(value)
    }
    expect(counts()).toEqual({ 'v2 in flight': 1 })
    await clock.advance(2_000)
    expect(counts()).toEqual({ 'v2 timeout': 1 })
  })

  it('calls three functions like the methods of an observer', async () => {
    const { observable, told } = source()
    const { output, counts } = await served(() => observable)
    const [next, error, complete] = [vi.fn(), vi.fn(), vi.fn()]
    output.subscribe(next, error, complete)
    told().next?.(1)
    told().complete?.()
    expect([next.mock.calls, complete.mock.calls, error.mock.calls]).toEqual([[[1]], [[]], []])
    expect(counts()).toEqual({ 'v2 success': 1 })
  })

  it('passes a subscriber of its own library on unchanged', async () => {
    const { observable, told } = source()
    const { output, counts } = await served(() => observable)
    const subscriber = { next() {}, error() {}, complete() {}, add() {} }
    output.subscribe(subscriber)
    expect(told()).toBe(subscriber)
    told().complete?.()
    expect(counts()).toEqual({ 'v2 success': 1 })
  })

  it.each<[string, () => { subscription: object; leave(): void; left(): boolean }]>([
    [
      'takes a teardown',
      () => {
        let teardown = () => {}
        return {
          subscription: { add: (given: () => void) => void (teardown = given) },
          leave: () => teardown(),
          left: () => true,
        }
      },
    ],
    [
      'has only unsubscribe',
      () => {
        const unsubscribe = vi.fn()
        const subscription = { unsubscribe }
        return {
          subscription,
          leave: () => subscription.unsubscribe(),
          left: () => unsubscribe.mock.calls.length === 1,
        }
      },
    ],
  ])('whose subscription %s is aborted when it is left', async (_, make) => {
    const { subscription, leave, left } = make()
    const { output, counts } = await served(() => source(subscription).observable)
    output.subscribe({})
    leave()
    expect(left()).toBe(true)
    expect(counts()).toEqual({ 'v2 aborted': 1 })
  })

  it.each<[string, PropertyKey]>([
    ['the name', '@@observable'],
    ['the symbol', Symbol.for('observable')],
  ])('is recognised without a pipe by %s', async (_, name) => {
    const { counts } = await served(() => ({ subscribe() {}, [name]: () => {} }))
    expect(counts()).toEqual({ 'v2 in flight': 1 })
  })

  it('does not include other objects with subscribe, such as a store', async () => {
    const { counts } = await served(() => ({ subscribe() {}, getState() {} }))
    expect(counts()).toEqual({ 'v2 success': 1 })
  })
})
