import { describe, expect, it } from 'vitest'
import type { Assignment, Observation } from '../vocabulary.js'
import type { FlightObserver } from './flight-observer.js'
import { always, errorOf, stage } from './stage.fixture.js'

type Told = readonly [what: 'began' | 'ended', ...about: unknown[]]

/** A canary whose observer writes down what it is told. */
async function observed(more: readonly FlightObserver[] = [], variant: 'baseline' | 'canary' = 'canary') {
  const told: Told[] = []
  const observer: FlightObserver = {
    began: (assignment, request) => told.push(['began', assignment, request]),
    ended: (assignment, observation) => told.push(['ended', assignment, observation]),
  }
  const staged = await stage({ observers: [...more, observer], strategy: always(variant) })
  const endings = () => told.flatMap(([what, , about]) => (what === 'ended' ? [about as Observation] : []))
  return { ...staged, told, endings }
}

describe('an observer', () => {
  it('is told of a flight as it begins, before its model is called, with who asked', async () => {
    const { canary, told } = await observed()
    const attributes = { tenant: 'a' }
    const flight = canary.begin({ key: 'ada', attributes })
    expect(told).toEqual([['began', flight.assignment, { key: 'ada', attributes }]])
    let before = 0
    canary.wrap({ baseline: () => 1, canary: () => (before = told.length) })()
    expect(before).toBe(2)
  })

  it('is told once how the flight ended, and what came of it', async () => {
    const { canary, clock, told, endings } = await observed()
    const flight = canary.begin()
    await clock.advance(25)
    flight.end({ prediction: 'yes', score: 0.5, metrics: { tokens: 7 } })
    flight.end({ outcome: 'error' })
    expect(endings()).toMatchObject([
      { variant: 'canary', durationMs: 25, outcome: 'success', prediction: 'yes', score: 0.5, metrics: { tokens: 7 } },
    ])
    expect((told[1]![1] as Assignment).id).toBe(flight.assignment.id)
  })

  it('is told of errors, timeouts and clients that left', async () => {
    const { canary, clock, endings } = await observed()
    const failing = () => {
      throw new Error('broken')
    }
    await errorOf(canary.wrap({ baseline: failing, canary: failing }))
    const slow = () => new Promise<string>(() => {})
    const late = errorOf(canary.wrap({ baseline: slow, canary: slow }, { timeoutMs: 100 }))
    await clock.advance(100)
    await late
    canary.begin().abort()
    expect(endings().map(({ outcome }) => outcome)).toEqual(['error', 'timeout', 'aborted'])
  })

  it('is told of the canary’s error where the baseline answered in its place, and of no second flight', async () => {
    const { canary, told, endings } = await observed()
    const predict = canary.wrap(
      {
        baseline: () => 'v1',
        canary: (): string => {
          throw new Error('broken')
        },
      },
      { fallback: true },
    )
    expect(predict()).toBe('v1')
    expect(told.map(([what]) => what)).toEqual(['began', 'ended'])
    expect(endings()).toMatchObject([{ variant: 'canary', outcome: 'error' }])
  })

  it('is told of the time to the first chunk of a stream', async () => {
    const { canary, clock, endings } = await observed()
    async function* words() {
      yield 'a'
      yield 'b'
    }
    const stream = canary.wrap({ baseline: words, canary: words })()
    await clock.advance(40)
    for await (const _ of stream) await clock.advance(10)
    expect(endings()).toMatchObject([{ outcome: 'success', metrics: { timeToFirstChunkMs: 40 } }])
  })

  it('may want to know one of the two alone', async () => {
    const { canary, told } = await observed([{ began: () => {} }, { ended: () => {} }])
    canary.begin().end()
    expect(told).toHaveLength(2)
  })

  it.each([
    [
      'throws',
      () => {
        throw new Error('mine')
      },
    ],
    [
      'rejects',
      async () => {
        throw new Error('mine')
      },
    ],
  ])('that %s is counted, and neither the request nor the next observer notices', async (_name, broken) => {
    const { canary, told, failures } = await observed([{ began: broken, ended: broken }])
    expect(canary.wrap({ baseline: () => 'v1', canary: () => 'v2' })()).toBe('v2')
    expect(told.map(([what]) => what)).toEqual(['began', 'ended'])
    expect(failures()).toEqual({ OBSERVER_FAILED: 2 })
  })
})

describe('what is no observer', () => {
  it.each([
    ['a list that is none', 'x'],
    ['null', [null]],
    ['a word', ['log']],
    ['a member that is no function', [{ began: 1 }]],
  ])('is refused: %s', async (_name, observers) => {
    expect(await errorOf(() => stage({ observers: observers as never }))).toMatchObject({ code: 'INVALID_OPTION' })
  })
})
