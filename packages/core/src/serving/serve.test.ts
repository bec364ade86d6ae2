import { describe, expect, it, vi } from 'vitest'
import { unhandledIn } from '../foundation/unhandled.fixture.js'
import type { Outcome } from '../foundation/vocabulary.js'
import type { ServingOptions } from './models.js'
import { always, errorOf, stage } from './stage.fixture.js'

interface Answer {
  readonly label: string
  readonly confidence: number
}
const answer: Answer = { label: 'positive', confidence: 0.75 }
const models = { baseline: (_text: string) => answer, canary: (_text: string) => answer }
const throwing = (..._input: unknown[]): never => {
  throw new Error('undefined is not an object')
}

describe('what describes an output', () => {
  it('gets the output and the input, and its result is counted', async () => {
    const { canary } = await stage()
    const predictionOf = vi.fn(({ label }: Answer, text: string) => `${label} ${text}`)
    const metricsOf = ({ confidence }: Answer) => ({ sure: confidence > 0.5, tokens: 12 })
    canary.wrap(models, { predictionOf, scoreOf: ({ confidence }) => confidence, metricsOf })('movie')
    expect(predictionOf.mock.calls).toEqual([[answer, 'movie']])
    const { v2 } = canary.metrics()
    expect(v2.predictionDistribution).toEqual({ 'positive movie': 1 })
    expect(v2.score).toMatchObject({ count: 1, mean: 0.75 })
    expect(v2.metrics).toEqual({ sure: { count: 1, mean: 1 }, tokens: { count: 1, mean: 12 } })
  })

  it.each(['predictionOf', 'scoreOf', 'metricsOf', 'classify'] as const)(
    'by a %s that throws is counted, and the answer is the same',
    async (name) => {
      const { canary, counts, failures } = await stage()
      expect(canary.wrap(models, { [name]: throwing })('x')).toBe(answer)
      expect(counts()).toEqual({ 'v2 success': 1 })
      expect(failures()).toEqual({ OBSERVER_FAILED: 1 })
    },
  )

  it.each([
    ['predictionOf', 'success'],
    ['scoreOf', 'success'],
    ['metricsOf', 'success'],
    ['classify', 'error'],
    ['validate', 'error'],
  ] as const)(
    'by a %s that answers with a promise is counted, its rejection ends nothing, and the call is a %s',
    async (name, outcome) => {
      const { canary, counts, failures } = await stage()
      const predict = canary.wrap(models, { [name]: async () => throwing() } as ServingOptions<[string], Answer>)
      expect(await unhandledIn(() => expect(predict('x')).toBe(answer))).toEqual([])
      expect(counts()).toEqual({ [`v2 ${outcome}`]: 1 })
      expect(failures()).toEqual({ OBSERVER_FAILED: 1 })
    },
  )

  it('is not called if the call failed', async () => {
    const { canary } = await stage()
    const predictionOf = vi.fn()
    await errorOf(canary.wrap({ baseline: throwing, canary: throwing }, { predictionOf }))
    expect(predictionOf).not.toHaveBeenCalled()
  })
})

describe('the errors of a model', () => {
  it.each([
    [undefined, ['undefined is not an object']],
    [500, ['undefined is not an object']],
    [400, []],
  ])('of status %s are kept unless they are the caller’s: %j', async (status, messages) => {
    const { canary } = await stage()
    const model = () => {
      throw Object.assign(new Error('undefined is not an object'), status && { status })
    }
    await errorOf(canary.wrap({ baseline: model, canary: model }))
    expect(canary.status().errors.canary.map(({ message }) => message)).toEqual(messages)
  })
})

describe('classify', () => {
  const said = async (classify: ServingOptions<[string], Answer>['classify']) => {
    const { canary, counts, failures } = await stage()
    expect(canary.wrap(models, { classify })('x')).toBe(answer)
    return { ...counts(), ...failures() }
  }

  it.each(['success', 'error', 'timeout', 'aborted'] as const)('may call an output %s', async (outcome) => {
    expect(await said(() => outcome)).toEqual({ [`v2 ${outcome}`]: 1 })
  })

  it('gets the output, which stays a success if it returns nothing', async () => {
    const classify = vi.fn(() => undefined)
    expect(await said(classify)).toEqual({ 'v2 success': 1 })
    expect(classify.mock.calls).toEqual([[{ output: answer }]])
  })

  it('may call an error a success, and the caller still gets the error', async () => {
    const { canary, counts } = await stage()
    const error = new Error('no such user')
    const failing = (): never => {
      throw error
    }
    const classify = vi.fn((): Outcome => 'success')
    expect(await errorOf(canary.wrap({ baseline: failing, canary: failing }, { classify }))).toBe(error)
    expect(classify.mock.calls).toEqual([[{ error }]])
    expect(counts()).toEqual({ 'v2 success': 1 })
  })

  const { proxy: unlookable, revoke } = Proxy.revocable({}, {})
  revoke()
  const nonsense = ['failed', '', 1, Number.NaN, null, true, {}, ['error'], unlookable, () => 'error']

  it.each(['baseline', 'canary'] as const)(
    'that gives no answer makes calls of the %s errors: whoever cannot tell has seen no success',
    async (arm) => {
      for (const said of nonsense) {
        const { canary, counts, failures } = await stage({ strategy: always(arm) })
        const alerts: string[] = []
        canary.on('alert', ({ about, message }) => alerts.push(`${about}: ${message}`))
        const arms: typeof models = { baseline: throwing, canary: throwing, [arm]: models[arm] } // nobody answers in its place
        const predict = canary.wrap(arms, { classify: () => said as never, fallback: true })
        for (let call = 0; call < 3; call++) expect(predict('x')).toBe(answer)
        expect(counts()).toEqual({ [`${arm === 'canary' ? 'v2' : 'v1'} error`]: 3 })
        expect(failures()).toEqual({ INVALID_OUTCOME: 3 })
        expect(alerts).toEqual([expect.stringMatching(/^outcome: classify returned .*: such calls count as errors/)])
      }
    },
  )

  it('that returns nothing valid about an error is reported, and the error stays an error', async () => {
    const { canary, counts, failures } = await stage()
    const classify = async () => throwing()
    const predict = canary.wrap({ baseline: throwing, canary: throwing }, { classify: classify as never })
    expect(await unhandledIn(() => errorOf(predict))).toEqual([])
    expect(counts()).toEqual({ 'v2 error': 1 })
    expect(failures()).toEqual({ OBSERVER_FAILED: 1 })
  })

  it('that returns nothing valid about a timeout leaves it a timeout, and the baseline answers', async () => {
    const { canary, counts } = await stage()
    const late = (): string => {
      throw Object.assign(new Error('late'), { status: 408 })
    }
    const predict = canary.wrap({ baseline: () => 'v1', canary: late }, { classify: () => 1 as never, fallback: true })
    expect(predict()).toBe('v1')
    expect(counts()).toEqual({ 'v2 timeout': 1 })
  })

  it('that returns nothing valid about a stream makes it an error at its end', async () => {
    const { canary, counts } = await stage()
    const model = async function* () {
      yield 'a'
    }
    const predict = canary.wrap({ baseline: model, canary: model }, { classify: () => 'failed' as never })
    for await (const chunk of predict()) expect(chunk).toBe('a')
    expect(counts()).toEqual({ 'v2 error': 1 })
  })
})

describe('validate', () => {
  it.each([
    ['false', () => false],
    ['an empty string', () => '' as never],
    ['zero', () => 0 as never],
    ['NaN', () => Number.NaN as never],
    ['null', () => null as never],
    ['an exception', throwing],
  ])('makes an output an error by %s, and without fallback the caller gets it', async (_, validate) => {
    const { canary, counts } = await stage()
    const predictionOf = vi.fn()
    expect(canary.wrap(models, { validate, predictionOf })('x')).toBe(answer)
    expect(counts()).toEqual({ 'v2 error': 1 })
    expect(predictionOf).not.toHaveBeenCalled()
  })

  it.each<[string, () => boolean, string]>([
    ['returns false', () => false, 'validate returned false'],
    ['returns an empty string', () => '' as never, 'validate returned ""'],
    ['throws', throwing, 'undefined is not an object'],
  ])('that %s is the cause of the error in status()', async (_, validate, message) => {
    const { canary } = await stage()
    canary.wrap(models, { validate })('x')
    expect(canary.status().errors.canary).toMatchObject([{ message, count: 1 }])
  })

  it('that returns nothing valid does not change the output, also with fallback', async () => {
    const { canary, counts } = await stage()
    const arms: typeof models = { baseline: throwing, canary: models.canary }
    expect(canary.wrap(arms, { validate: (async () => true) as never, fallback: true })('x')).toBe(answer)
    expect(counts()).toEqual({ 'v2 error': 1 })
  })

  it.each([true, 'yes', undefined])('accepts an output by %s', async (verdict) => {
    const { canary, counts } = await stage()
    canary.wrap(models, { validate: () => verdict as boolean })('x')
    expect(counts()).toEqual({ 'v2 success': 1 })
  })
})
