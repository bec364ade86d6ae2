import {
  type CanaryError,
  createCanary,
  createRouter,
  errorRate,
  linearPlan,
  randomStrategy,
  stickyStrategy,
  tripwire,
} from '@model-canary/core'
import { createController, memoryStore } from '@model-canary/core/controller'
import { createRecorder, evidenceJudge } from '@model-canary/core/judge'
import { manualClock } from '@model-canary/testing'
import { describe, expect, it } from 'vitest'

type Anything = Record<string, unknown>

const versions = { baseline: 'v1', canary: 'v2' }
const source = { read: async () => 'no-data' as const }
const target = { apply: async () => {} }

const makers = {
  createCanary: (options: Anything) => createCanary({ name: 'bad', versions, ...options } as never),
  createController: (options: Anything) => createController({ name: 'bad', source, target, ...options } as never),
  createRouter: (options: Anything) => createRouter({ versions, ...options } as never),
  createRecorder: (options: Anything) => createRecorder(options as never),
  wrap: (options: Anything) =>
    createCanary({ name: 'bad', versions }).wrap({ baseline: () => 1, canary: () => 1 }, options as never),
}

const codeOf = (task: () => unknown): string => {
  try {
    task()
  } catch (error) {
    return (error as CanaryError).code
  }
  return 'nothing was refused'
}

const NO_NUMBERS = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -1, '5', {}]

describe('at construction', () => {
  it.each(Object.keys(makers) as (keyof typeof makers)[])('%s refuses an option that it does not know', (maker) => {
    expect(codeOf(() => makers[maker]({ wieght: 10 }))).toBe('UNKNOWN_OPTION')
    expect(codeOf(() => makers[maker](JSON.parse('{"__proto__":{"name":"x"}}')))).toBe('UNKNOWN_OPTION')
  })

  it.each<[keyof typeof makers, string]>([
    ['createCanary', 'intervalMs'],
    ['createCanary', 'ioTimeoutMs'],
    ['createCanary', 'historySize'],
    ['createCanary', 'maxDurationMs'],
    ['createController', 'intervalMs'],
    ['createController', 'ioTimeoutMs'],
    ['createRecorder', 'slices'],
    ['createRecorder', 'sliceMs'],
    ['createRecorder', 'maxLabels'],
    ['createRecorder', 'maxMetrics'],
    ['wrap', 'timeoutMs'],
  ])('%s takes for %s only a number that can be one', (maker, option) => {
    for (const value of NO_NUMBERS) {
      expect([value, codeOf(() => makers[maker]({ [option]: value }))]).toEqual([value, 'INVALID_OPTION'])
    }
  })

  it.each(['createCanary', 'createController'] as const)(
    '%s refuses a judge with a time that no timer has',
    (maker) => {
      const judge = evidenceJudge()
      for (const value of NO_NUMBERS) {
        const [learn, watch] = [
          { ...judge.learn, windowMs: value },
          { ...judge.watch, everyMs: value },
        ]
        expect(codeOf(() => makers[maker]({ judge: { ...judge, learn } }))).toBe('INVALID_OPTION')
        expect(codeOf(() => makers[maker]({ judge: { ...judge, watch } }))).toBe('INVALID_OPTION')
      }
    },
  )

  it.each<[string, keyof typeof makers, Anything, string]>([
    ['a version twice', 'createCanary', { versions: { baseline: 'v1', canary: 'v1' } }, 'SAME_VERSION'],
    ['a version twice', 'createRouter', { versions: { baseline: 'v1', canary: 'v1' } }, 'SAME_VERSION'],
    ['a version twice', 'createController', { versions: { baseline: 'v1', canary: 'v1' } }, 'SAME_VERSION'],
    ['a version __proto__', 'createCanary', { versions: { baseline: 'v1', canary: '__proto__' } }, 'INVALID_VERSION'],
    ['a version __proto__', 'createRouter', { versions: { baseline: '__proto__', canary: 'v2' } }, 'INVALID_VERSION'],
    [
      'a version constructor',
      'createCanary',
      { versions: { baseline: 'constructor', canary: 'v2' } },
      'INVALID_VERSION',
    ],
    ['an empty version', 'createCanary', { versions: { baseline: '', canary: 'v2' } }, 'INVALID_VERSION'],
    ['a version of 1 MB', 'createCanary', { versions: { baseline: 'x'.repeat(1e6), canary: 'v2' } }, 'INVALID_VERSION'],
    [
      'a version with a line break',
      'createCanary',
      { versions: { baseline: 'v\n1', canary: 'v2' } },
      'INVALID_VERSION',
    ],
    ['a lone surrogate', 'createCanary', { versions: { baseline: 'v\ud83d', canary: 'v2' } }, 'INVALID_VERSION'],
    ['a number for a version', 'createCanary', { versions: { baseline: 1, canary: 2 } }, 'INVALID_VERSION'],
    ['one version', 'createCanary', { versions: { baseline: 'v1' } }, 'INVALID_VERSION'],
    ['three versions', 'createCanary', { versions: { baseline: 'v1', canary: 'v2', next: 'v3' } }, 'UNKNOWN_OPTION'],
    ['no versions', 'createCanary', { versions: undefined }, 'INVALID_OPTION'],
    ['a name __proto__', 'createCanary', { name: '__proto__' }, 'INVALID_NAME'],
    ['no name', 'createCanary', { name: undefined }, 'INVALID_NAME'],
    ['a weight of 150', 'createRouter', { weight: 150 }, 'INVALID_WEIGHT'],
    ['a weight of −1', 'createRouter', { weight: -1 }, 'INVALID_WEIGHT'],
    ['a weight that is no number', 'createRouter', { weight: Number.NaN }, 'INVALID_WEIGHT'],
    ['a weight of three decimals', 'createRouter', { weight: 0.001 }, 'INVALID_WEIGHT'],
    ['a warm-up of 150 percent', 'createCanary', { warmUp: { weight: 150 } }, 'INVALID_WEIGHT'],
    ['a warm-up without traffic', 'createCanary', { warmUp: { weight: 0 } }, 'INVALID_WEIGHT'],
    ['a warm-up with a typo', 'createCanary', { warmUp: { runs: () => {} } }, 'UNKNOWN_OPTION'],
    ['a warm-up that is no function', 'createCanary', { warmUp: { run: true } }, 'INVALID_OPTION'],
    ['a warm-up that is no object', 'createCanary', { warmUp: null }, 'INVALID_OPTION'],
    ['a holdback of 90 percent', 'createCanary', { bake: { holdbackPercent: 90 } }, 'INVALID_OPTION'],
    ['no guardrails', 'createCanary', { guardrails: [] }, 'NO_GUARDRAILS'],
    ['a guardrail twice', 'createCanary', { guardrails: [errorRate(), errorRate()] }, 'DUPLICATE_GUARDRAIL'],
    ['a strategy by its name', 'createCanary', { strategy: 'sticky' }, 'INVALID_STRATEGY'],
    ['a strategy without a pick', 'createCanary', { strategy: { name: 'x', unit: 'key' } }, 'INVALID_STRATEGY'],
    ['a strategy that is null', 'createCanary', { strategy: null }, 'INVALID_STRATEGY'],
    ['a tripwire with a typo', 'createCanary', { tripwire: { errors: 1 } }, 'UNKNOWN_OPTION'],
    ['a tripwire that is only wanted', 'createCanary', { tripwire: true }, 'INVALID_OPTION'],
    ['a target that cannot be applied', 'createCanary', { target: {} }, 'INVALID_OPTION'],
    ['a target that is null', 'createCanary', { target: null }, 'INVALID_OPTION'],
    ['a logger that cannot warn', 'createCanary', { logger: { info() {}, error() {} } }, 'INVALID_OPTION'],
    ['a store that cannot load', 'createCanary', { store: { ...memoryStore(), load: undefined } }, 'INVALID_OPTION'],
    ['a clock that stands still', 'createCanary', { clock: { now: () => 0 } }, 'INVALID_OPTION'],
    ['a mode of its own', 'createCanary', { mode: 'dry-run' }, 'INVALID_OPTION'],
    ['a key that is no function', 'wrap', { key: 'userId' }, 'INVALID_OPTION'],
    ['an observer that is no function', 'wrap', { predictionOf: 'label' }, 'INVALID_OPTION'],
    ['a time limit of 0', 'wrap', { timeoutMs: 0 }, 'INVALID_OPTION'],
    ['a metric named __proto__', 'createRecorder', { metrics: ['__proto__'] }, 'INVALID_NAME'],
  ])('%s is refused by %s', (_, maker, options, code) => {
    expect(codeOf(() => makers[maker](options))).toBe(code)
  })

  it.each<[string, () => unknown, string]>([
    ['steps that do not rise', () => linearPlan([10, 10, 100]), 'STEPS_NOT_RISING'],
    ['steps that fall', () => linearPlan([50, 10, 100]), 'STEPS_NOT_RISING'],
    ['a step above 100', () => linearPlan([10, 150]), 'INVALID_WEIGHT'],
    ['a plan that ends at 50', () => linearPlan([10, 50]), 'INVALID_PLAN'],
    ['a plan without steps', () => linearPlan([]), 'INVALID_PLAN'],
    ['a plan that is no list', () => linearPlan(10 as never), 'INVALID_PLAN'],
    ['half a request', () => linearPlan([100], { minRequests: 0.5 }), 'INVALID_OPTION'],
    ['a margin of 2 for a rate', () => errorRate({ margin: 2 }), 'MARGIN_NOT_A_FRACTION'],
    ['a margin of NaN', () => errorRate({ margin: Number.NaN }), 'INVALID_MARGIN'],
    ['a tripwire’s margin of 2', () => tripwire({ margin: 2 }), 'MARGIN_NOT_A_FRACTION'],
    ['a source of chance that is none', () => randomStrategy({ random: 0.5 as never }), 'INVALID_OPTION'],
  ])('%s is refused', (_, make, code) => {
    expect(codeOf(make)).toBe(code)
  })

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['one function', () => 1],
    ['a missing canary', { baseline: () => 1 }],
    ['a version instead of a function', { baseline: () => 1, canary: 'v2' }],
  ])('wrap refuses for its models %s', (_, models) => {
    const canary = createCanary({ name: 'bad', versions })
    expect(['MISSING_HANDLER', 'INVALID_OPTION']).toContain(codeOf(() => canary.wrap(models as never)))
  })

  it('says what was given and what to do, and never shows a whole payload', () => {
    const secret = 'x'.repeat(10_000)
    expect(() => createCanary({ name: secret, versions })).toThrow(expect.objectContaining({ code: 'INVALID_NAME' }))
    expect(() => createCanary({ name: secret, versions })).not.toThrow(new RegExp(secret))
    expect(() => createCanary({ name: 'bad', versions, intervallMs: 1 } as never)).toThrow(/intervallMs.*intervalMs/)
  })

  it('does not change the caller’s objects', () => {
    const options = Object.freeze({ name: 'frozen', versions: Object.freeze({ ...versions }), plan: linearPlan([100]) })
    expect(codeOf(() => createCanary(options))).toBe('nothing was refused')
    const own = { baseline: 'v1', canary: 'v2' }
    const canary = createCanary({ name: 'copied', versions: own })
    own.canary = 'v3'
    expect(Object.keys(canary.metrics())).toEqual(['v1', 'v2'])
  })
})

describe('at run time', () => {
  const started = async (strategy: Parameters<typeof createCanary>[0]['strategy'] = stickyStrategy({ salt: '' })) => {
    const clock = manualClock()
    const canary = createCanary({
      name: 'bad',
      versions: { baseline: 'v1', canary: 'v2' },
      strategy,
      plan: linearPlan([100], { minDurationMs: 60_000 }),
      warmUp: { durationMs: 0 },
      clock,
    })
    await canary.start()
    await clock.advance(0)
    const predict = (options: Anything) => canary.wrap({ baseline: () => 'v1', canary: () => 'v2' }, options as never)()
    return { canary, clock, predict, failures: () => canary.status().internalErrors }
  }

  it.each<[string, unknown]>([
    ['of 1 MB', 'x'.repeat(1e6)],
    ['with a lone surrogate', 'user \ud83d'],
    ['that is true', true],
    ['that is an object', { id: 1 }],
  ])('a key %s is counted, and the baseline answers', async (_, key) => {
    const { predict, failures } = await started()
    expect(predict({ key: () => key })).toBe('v1')
    expect(failures()).toEqual({ INVALID_KEY: 1 })
  })

  it.each<[string, Anything, string]>([
    ['a prediction that is an object', { prediction: { label: 'x' } }, 'INVALID_PREDICTION'],
    ['a prediction that is NaN', { prediction: Number.NaN }, 'INVALID_PREDICTION'],
    ['a prediction that is null', { prediction: null }, 'INVALID_PREDICTION'],
    ['a score that is infinite', { score: Number.POSITIVE_INFINITY }, 'INVALID_SCORE'],
    ['a score that is a text', { score: '0.5' }, 'INVALID_SCORE'],
    ['metrics that are no object', { metrics: 5 }, 'INVALID_METRIC'],
    ['a metric that is a text', { metrics: { tokens: '5' } }, 'INVALID_METRIC'],
    ['a duration that is negative', { durationMs: -1 }, 'INVALID_DURATION'],
    ['a duration that is NaN', { durationMs: Number.NaN }, 'INVALID_DURATION'],
    ['a duration that is missing', { durationMs: undefined }, 'INVALID_DURATION'],
  ])('record() counts the call and leaves %s out', async (_, part, code) => {
    const { canary, failures } = await started()
    canary.record({ variant: 'canary', durationMs: 10, outcome: 'success', ...part } as never)
    expect(failures()).toEqual({ [code]: 1 })
    expect(canary.metrics().v2).toMatchObject({
      requestCount: 1,
      predictionDistribution: {},
      score: { count: 0 },
      metrics: {},
    })
    expect(canary.metrics().v2.avgLatencyMs).toBe('durationMs' in part ? null : 10)
  })

  it.each<[string, unknown, string]>([
    ['an unknown variant', { variant: 'v2', durationMs: 1, outcome: 'success' }, 'INVALID_VARIANT'],
    ['a variant __proto__', { variant: '__proto__', durationMs: 1, outcome: 'success' }, 'INVALID_VARIANT'],
    ['nothing', undefined, 'INVALID_VARIANT'],
    ['null', null, 'INVALID_VARIANT'],
    ['a text', 'canary', 'INVALID_VARIANT'],
  ])('record() of %s is counted as a failure, and not as a call', async (_, call, code) => {
    const { canary, failures } = await started()
    canary.record(call as never)
    expect(failures()).toEqual({ [code]: 1 })
    expect([canary.metrics().v1.requestCount, canary.metrics().v2.requestCount]).toEqual([0, 0])
  })

  it('record() of an unknown outcome is reported, and counted as an error', async () => {
    const { canary, failures } = await started()
    canary.record({ variant: 'canary', durationMs: 1, outcome: 'failure' as never })
    expect(failures()).toEqual({ INVALID_OUTCOME: 1 })
    expect(canary.metrics().v2).toMatchObject({ requestCount: 1, errorCount: 1, successCount: 0 })
  })

  it('record() of something that throws when it is read is counted as a failure', async () => {
    const { canary, failures } = await started()
    const hostile = {
      get variant() {
        throw new Error('revoked')
      },
    }
    canary.record(hostile as never)
    expect(failures()).toEqual({ OBSERVER_FAILED: 1 })
  })

  it('a huge prediction is cut, and a flood of classes is bounded', async () => {
    const { canary } = await started()
    const record = (prediction: string) =>
      canary.record({ variant: 'canary', durationMs: 1, outcome: 'success', prediction })
    record('x'.repeat(1e6))
    for (let label = 0; label < 10_000; label++) record(`class ${label}`)
    const names = Object.keys(canary.metrics().v2.predictionDistribution)
    expect(names.length).toBeLessThanOrEqual(21)
    expect(Math.max(...names.map(({ length }) => length))).toBeLessThanOrEqual(100)
  })

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', ''])(
    'a class or a metric named %o is a name like any other, and reaches no prototype',
    async (name) => {
      const { canary } = await started()
      const metrics = JSON.parse(`{${JSON.stringify(name)}: 7}`)
      canary.record({ variant: 'canary', durationMs: 1, outcome: 'success', prediction: name, metrics })
      const { predictionDistribution, metrics: counted } = canary.metrics().v2
      expect(Object.entries(predictionDistribution)).toEqual([[name, 1]])
      expect(Object.entries(counted)).toEqual([[name, { count: 1, mean: 7 }]])
      expect(Object.getPrototypeOf(predictionDistribution)).toBe(null)
      expect(Object.getPrototypeOf(counted)).toBe(null)
      expect(({} as Anything)[name === '' ? 'polluted' : 'count']).toBe(undefined)
      expect(JSON.parse(JSON.stringify(canary.metrics())).v2.requestCount).toBe(1)
    },
  )

  it.each<[string, unknown, string]>([
    ['a misspelt option', { windw: 'step' }, 'UNKNOWN_OPTION'],
    ['an unknown window', { window: 'hour' }, 'INVALID_OPTION'],
    ['a window of no time', { window: { lastMs: 0 } }, 'INVALID_OPTION'],
    ['a window of NaN', { window: { lastMs: Number.NaN } }, 'INVALID_OPTION'],
    ['a window with a typo', { window: { last: 5 } }, 'UNKNOWN_OPTION'],
    ['null', null, 'INVALID_OPTION'],
  ])('metrics() refuses %s', async (_, options, code) => {
    const { canary } = await started()
    expect(codeOf(() => canary.metrics(options as never))).toBe(code)
  })

  it('a listener that throws or rejects is counted, and the other listeners are still called', async () => {
    const { canary, clock, failures } = await started()
    const heard: number[] = []
    canary.on('rolled-back', () => {
      throw new Error('log is full')
    })
    canary.on('rolled-back', async () => Promise.reject(new Error('log is far')))
    canary.on('rolled-back', ({ epoch }) => heard.push(epoch))
    await canary.rollback()
    await clock.advance(0)
    expect(heard).toEqual([1])
    expect(failures()).toEqual({ LISTENER_FAILED: 2 })
  })
})
