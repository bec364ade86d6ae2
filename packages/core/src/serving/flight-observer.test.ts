import { describe, expect, it, vi } from 'vitest'
import { unhandledIn } from '../foundation/unhandled.fixture.js'
import type { Assignment, Observation, Outcome } from '../foundation/vocabulary.js'
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
  it('gets a flight and its request when it begins, before its model is called', async () => {
    const { canary, told } = await observed()
    const attributes = { tenant: 'a' }
    const flight = canary.begin({ key: 'ada', attributes })
    expect(told).toEqual([['began', flight.assignment, { key: 'ada', attributes }]])
    let before = 0
    canary.wrap({ baseline: () => 1, canary: () => (before = told.length) })()
    expect(before).toBe(2)
  })

  it('gets the outcome of a flight once when it ends', async () => {
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

  it('gets errors, timeouts and clients that left', async () => {
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

  it('gets the error of the canary if the baseline answers instead, and no second flight', async () => {
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

  it('gets the time to the first chunk of a stream', async () => {
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

  it.each<[what: string, outcome: Outcome, call: () => Promise<string>]>([
    ['run()', 'success', async () => 'v2'],
    ['run() that rejects', 'error', () => Promise.reject(new Error('broken'))],
  ])('gets one outcome of %s', async (_, outcome, call) => {
    const { canary, told } = await observed()
    await canary.run({ key: 'ada' }, call).catch(() => {})
    expect(told).toEqual([
      ['began', expect.objectContaining({ variant: 'canary', reason: 'split' }), { key: 'ada' }],
      ['ended', told[0]![1], expect.objectContaining({ variant: 'canary', outcome })],
    ])
  })

  it('gets the key and attributes of a wrapped call, and the description of its output', async () => {
    const { canary, told, endings } = await observed()
    const model = (user: string) => ({ user, sure: 0.75 })
    canary.wrap(
      { baseline: model, canary: model },
      {
        key: (user) => user,
        attributes: () => ({ tenant: 'a' }),
        predictionOf: ({ user }) => `for ${user}`,
        scoreOf: ({ sure }) => sure,
        metricsOf: () => ({ tokens: 3 }),
      },
    )('ada')
    expect(told[0]![2]).toEqual({ key: 'ada', attributes: { tenant: 'a' } })
    expect(endings()).toMatchObject([{ prediction: 'for ada', score: 0.75, metrics: { tokens: 3 } }])
  })

  it('gets the flights of the baseline, also before the rollout starts', async () => {
    const { canary, told } = await observed([], 'baseline')
    canary.begin().end()
    await canary.disable()
    canary.begin().end()
    expect(told.map(([, about]) => about)).toMatchObject(
      ['split', 'split', 'disabled', 'disabled'].map((reason) => ({ variant: 'baseline', reason })),
    )
  })

  it('is not called if no flight was opened', async () => {
    const { canary, told } = await observed()
    canary.assign({ key: 'ada' })
    canary.record({ variant: 'canary', durationMs: 1, outcome: 'success' })
    canary.track({ variant: 'canary', reason: 'split', epoch: 1, step: 1 }, { clicked: true })
    expect(told).toEqual([])
  })

  it('is called with its own this, and the list of observers is copied', async () => {
    const observer = {
      seen: 0,
      began: vi.fn(function (this: { seen: number }) {
        this.seen += 1
      }),
    }
    const observers: FlightObserver[] = [observer]
    const { canary } = await stage({ observers })
    observers.length = 0
    canary.begin()
    expect(observer.seen).toBe(1)
  })

  it('may have one of the two methods', async () => {
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
  ])('that %s is counted, and does not affect the request or the next observer', async (_name, broken) => {
    const { canary, told, failures } = await observed([{ began: broken, ended: broken }])
    const said: string[] = []
    canary.on('internal-error', ({ error }) => said.push(error.message))
    const predict = canary.wrap({ baseline: () => 'v1', canary: () => 'v2' })
    expect(await unhandledIn(() => expect(predict()).toBe('v2'))).toEqual([])
    expect(told.map(([what]) => what)).toEqual(['began', 'ended'])
    expect(failures()).toEqual({ OBSERVER_FAILED: 2 })
    expect(said[0]).toMatch(/it is an observer; the call counts$/)
    const counted = Object.values(canary.metrics()).map(({ requestCount }) => requestCount)
    expect(counted.toSorted()).toEqual([0, 1])
  })
})

describe('an invalid observer', () => {
  it.each([
    ['a list that is none', 'x'],
    ['null', [null]],
    ['a word', ['log']],
    ['a function', [() => {}]],
    ['an object with neither member', [{}]],
    ['a misspelt member', [{ onBegan: () => {} }]],
    ['a began that is no function', [{ began: 1 }]],
    ['an ended that is no function, after a good one', [{ began: () => {} }, { began: () => {}, ended: 'x' }]],
  ])('is refused: %s', async (_name, observers) => {
    expect(await errorOf(() => stage({ observers: observers as never }))).toMatchObject({ code: 'INVALID_OPTION' })
  })
})

describe('without observers', () => {
  it('the results are the same as with one', async () => {
    const work = async (options: Parameters<typeof stage>[0]) => {
      const { canary, counts, failures } = await stage(options)
      canary.wrap({ baseline: () => 'v1', canary: () => 'v2' })()
      canary.begin({ key: 'ada' }).end({ outcome: 'error' })
      canary.begin().abort()
      return [counts(), failures(), canary.counts()]
    }
    const without = await work({})
    expect(without[0]).toEqual({ 'v2 success': 1, 'v2 error': 1, 'v2 aborted': 1 })
    expect(await work({ observers: [] })).toEqual(without)
    expect(await work({ observers: [{ began: () => {}, ended: () => {} }] })).toEqual(without)
  })
})
