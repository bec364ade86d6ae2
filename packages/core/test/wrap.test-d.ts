import { Readable } from 'node:stream'
import { type Canary, createCanary, type ModelContext } from '@model-canary/core'
import type { Flight, RequestCanary, Servable } from '@model-canary/core/adapter'
import { describe, expectTypeOf, it } from 'vitest'

const canary = createCanary({ name: 'types', versions: { baseline: 'v1', canary: 'v2' } })

interface Review {
  readonly text: string
}

describe('wrap keeps the models’ exact type', () => {
  it('of synchronous models', () => {
    const predict = canary.wrap({ baseline: (x: number) => x > 0, canary: (x: number) => x > 1 })
    expectTypeOf(predict).toEqualTypeOf<(x: number) => boolean>()
  })

  it('of asynchronous models', () => {
    const predict = canary.wrap({
      baseline: async (x: number, unit: 'm' | 'ft') => `${x} ${unit}`,
      canary: async (x: number, unit: 'm' | 'ft') => `${x} ${unit}`,
    })
    expectTypeOf(predict).parameters.toEqualTypeOf<[x: number, unit: 'm' | 'ft']>()
    expectTypeOf(predict).returns.toEqualTypeOf<Promise<string>>()
  })

  it('of a synchronous and an asynchronous one', () => {
    const predict = canary.wrap({ baseline: (x: number) => x, canary: async (x: number) => x })
    expectTypeOf(predict).toEqualTypeOf<(x: number) => number | Promise<number>>()
  })

  it('of different outputs, as a union', () => {
    const predict = canary.wrap({
      baseline: async ({ text }: Review) => ({ label: text }),
      canary: async ({ text }: Review) => ({ label: text, confidence: 0.5 }),
    })
    expectTypeOf(predict({ text: '' })).toEqualTypeOf<
      Promise<{ label: string }> | Promise<{ label: string; confidence: number }>
    >()
  })

  it('of generators, thenables and streams', () => {
    async function* generate(prompt: string): AsyncGenerator<string, number, boolean> {
      return (yield prompt) ? 1 : 0
    }
    const query = (): PromiseLike<number> => Promise.resolve(1)
    const web = () => new ReadableStream<Uint8Array>()
    const node = () => Readable.from([])
    expectTypeOf(canary.wrap({ baseline: generate, canary: generate })).toEqualTypeOf<typeof generate>()
    expectTypeOf(canary.wrap({ baseline: query, canary: query })).returns.toEqualTypeOf<Promise<number>>()
    expectTypeOf(canary.wrap({ baseline: web, canary: web })).returns.toEqualTypeOf<ReadableStream<Uint8Array>>()
    expectTypeOf(canary.wrap({ baseline: node, canary: node })).returns.toEqualTypeOf<Readable>()
  })

  it('of a promise with members of its own, which comes back as an ordinary one', () => {
    interface VendorPromise<Answer> extends Promise<Answer> {
      withResponse(): Promise<{ data: Answer; requestId: string }>
    }
    const ask = (_prompt: string) => Promise.resolve('') as VendorPromise<string>
    const predict = canary.wrap({ baseline: ask, canary: ask })
    expectTypeOf(predict).toEqualTypeOf<(prompt: string) => Promise<string>>()
    // @ts-expect-error the vendor's member is gone
    predict('x').withResponse()
    expectTypeOf(canary.run({}, () => ask('x'))).toEqualTypeOf<Promise<string>>()
  })

  it('of a model that looks at less of the input', () => {
    const predict = canary.wrap({ baseline: (x: number) => x, canary: () => 0 })
    expectTypeOf(predict).parameters.toEqualTypeOf<[x: number]>()
  })

  it('of variadic models', () => {
    const predict = canary.wrap({ baseline: (...all: string[]) => all, canary: (...all: string[]) => all })
    expectTypeOf(predict).toEqualTypeOf<(...all: string[]) => string[]>()
  })
})

describe('the options of wrap', () => {
  const baseline = async ({ text }: Review) => ({ label: text })
  const candidate = async ({ text }: Review, _hint?: string) => ({ label: text, confidence: 0.5 })

  it('see the input and the awaited output', () => {
    canary.wrap(
      { baseline, canary: candidate },
      {
        key: (review) => {
          expectTypeOf(review).toEqualTypeOf<Review>()
          return review.text
        },
        attributes: ({ text }) => ({ text }),
        predictionOf: (output, review) => {
          expectTypeOf(output).toEqualTypeOf<{ label: string } | { label: string; confidence: number }>()
          expectTypeOf(review).toEqualTypeOf<Review>()
          return output.label
        },
        scoreOf: (output) => ('confidence' in output ? output.confidence : undefined),
        metricsOf: ({ label }) => ({ long: label.length > 10, letters: label.length }),
        validate: ({ label }) => label !== '',
        classify: (settled) => ('error' in settled ? 'error' : settled.output.label === '' ? 'error' : undefined),
        warmUp: { inputs: [[{ text: 'a' }], [{ text: 'b' }]] },
      },
    )
  })

  it('take a metric that not every output has, and refuse a validate that returns nothing', () => {
    const models = { baseline, canary: baseline }
    const lengths = new Map<string, number>()
    canary.wrap(models, { metricsOf: (_, { text }) => ({ tokens: lengths.get(text) }) })
    // @ts-expect-error a forgotten return would count every output as valid
    canary.wrap(models, { validate: () => {} })
  })

  it('take a number, a bigint or null for a key', () => {
    const models = { baseline, canary: baseline }
    canary.wrap(models, { key: ({ text }) => text.length })
    canary.wrap(models, { key: ({ text }) => BigInt(text) })
    canary.wrap(models, { key: ({ text }) => (text === '' ? null : undefined) })
  })

  it('refuse what does not fit', () => {
    const models = { baseline, canary: baseline }
    // @ts-expect-error there is no such option
    canary.wrap(models, { fallbak: true })
    // @ts-expect-error a key is a string, a number or a bigint
    canary.wrap(models, { key: ({ text }) => text === '' })
    // @ts-expect-error a key is needed at once
    canary.wrap(models, { key: async ({ text }) => text })
    // @ts-expect-error a prediction is not an object
    canary.wrap(models, { predictionOf: (output) => output })
    // @ts-expect-error an outcome is one of four
    canary.wrap(models, { classify: () => 'failure' })
    // @ts-expect-error an input is a list of arguments
    canary.wrap(models, { warmUp: { inputs: [{ text: 'a' }] } })
  })
})

describe('canary.models', () => {
  const models = { baseline: async ({ text }: Review) => text, canary: async ({ text }: Review) => text.length }

  it('keeps the types of inputs and outputs', () => {
    const ready = canary.models(models, {
      predictionOf: (output, review) => {
        expectTypeOf(output).toEqualTypeOf<string | number>()
        expectTypeOf(review).toEqualTypeOf<Review>()
        return String(output)
      },
    })
    expectTypeOf(ready).toEqualTypeOf<Servable<[Review], Promise<string>, Promise<number>>>()
    expectTypeOf(canary.wrap(ready)).toEqualTypeOf<(review: Review) => Promise<string> | Promise<number>>()
    expectTypeOf(canary.wrap(ready, { key: ({ text }) => text })).parameters.toEqualTypeOf<[Review]>()
  })

  it('is run by a request with the same types', () => {
    const request = {} as RequestCanary<'v1' | 'v2'>
    const ready = canary.models(models)
    expectTypeOf(request.run(ready, { text: 'a' })).toEqualTypeOf<Promise<string> | Promise<number>>()
    // @ts-expect-error a string is not a review
    request.run(ready, 'a')
    // @ts-expect-error the input is missing
    request.run(ready)
  })

  it('refuses what does not fit', () => {
    // @ts-expect-error the canary is missing
    canary.models({ baseline: models.baseline })
    // @ts-expect-error a key is for wrap, and a request has its own
    canary.models(models, { key: () => 'ann' })
    // @ts-expect-error there is no such option
    canary.models(models, { timeout: 1_000 })
  })
})

describe('context: true gives each model one more argument', () => {
  it('that the caller does not pass', () => {
    const model = async (x: number, { signal, version }: ModelContext) => `${x} ${version} ${signal.aborted}`
    const predict = canary.wrap({ baseline: model, canary: model }, { context: true, key: (x) => `${x.toFixed()}` })
    expectTypeOf(predict).toEqualTypeOf<(x: number) => Promise<string>>()
  })

  it('and never without asking', () => {
    const model = (x: number, { signal }: ModelContext) => x + Number(signal.aborted)
    // @ts-expect-error the caller must pass the context then
    canary.wrap({ baseline: model, canary: model })(1)
    // @ts-expect-error the option is true or absent
    canary.wrap({ baseline: (x: number) => x, canary: (x: number) => x }, { context: 1 })
  })
})

describe('fallback takes a copy of the input', () => {
  it('of the models’ type', () => {
    const models = { baseline: (x: Review) => x.text, canary: (x: Review) => x.text }
    canary.wrap(models, { fallback: { copy: (...input) => input } })
    canary.wrap(models, { fallback: { copy: (review) => [{ ...review }] } })
    // @ts-expect-error a copy is a list of arguments
    canary.wrap(models, { fallback: { copy: (review) => review } })
  })
})

describe('wrap refuses', () => {
  it('a missing handler, and one that is no function', () => {
    // @ts-expect-error the canary is missing
    canary.wrap({ baseline: (x: number) => x })
    // @ts-expect-error the baseline is missing
    canary.wrap({ canary: (x: number) => x })
    // @ts-expect-error a version is not a handler
    canary.wrap({ baseline: (x: number) => x, canary: 'v2' })
  })

  it('models of different inputs', () => {
    // @ts-expect-error a string is not a number
    canary.wrap({ baseline: (x: number) => x, canary: (x: string) => x.length })
  })

  it('a wrong input', () => {
    const predict = canary.wrap({ baseline: (x: number) => x, canary: (x: number) => x })
    // @ts-expect-error a string is not a number
    predict('1')
    // @ts-expect-error the input is missing
    predict()
  })
})

describe('the rest of a canary', () => {
  it('knows its versions', () => {
    expectTypeOf(canary).toEqualTypeOf<Canary<'v1' | 'v2'>>()
    expectTypeOf(canary.begin()).toEqualTypeOf<Flight<'v1' | 'v2'>>()
    expectTypeOf<keyof ReturnType<typeof canary.metrics>>().toEqualTypeOf<'v1' | 'v2'>()
  })

  it('gives what a run gives', () => {
    expectTypeOf(canary.run({}, ({ version }) => version)).toEqualTypeOf<'v1' | 'v2'>()
    expectTypeOf(canary.run({ key: 'a' }, async () => 1, { scoreOf: (x) => x })).toEqualTypeOf<Promise<number>>()
    // @ts-expect-error there is no second call to fall back on
    canary.run({}, () => 1, { fallback: true })
  })

  it('can be taken by whoever does not know its versions', () => {
    expectTypeOf(canary).toExtend<Canary>()
  })
})
