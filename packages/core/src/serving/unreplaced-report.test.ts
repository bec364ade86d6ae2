import { expect, it } from 'vitest'
import type { ServingOptions } from './models.js'
import { always, errorOf, stage } from './stage.fixture.js'

const error = new Error('broken before the first chunk')

const failing = () => ({
  // biome-ignore lint/correctness/useYield: it fails before its first chunk
  async *[Symbol.asyncIterator](): AsyncGenerator<string> {
    throw error
  },
})

const broken = () => new ReadableStream({ pull: (controller) => controller.error(error) }, { highWaterMark: 0 })

// biome-ignore lint/correctness/useYield: it fails before its first chunk
function* generator(): Generator<string> {
  throw error
}

const observable = () => ({
  pipe() {},
  subscribe: (told: { error(cause: unknown): void }) => told.error(error),
})

const helper = () => ({ ...failing(), on() {}, ended: false, errored: false, aborted: false })

const drain = async (stream: AsyncIterable<unknown>) => {
  for await (const _ of stream);
}

type Read = (output: never) => Promise<unknown>

/** Each kind of output that cannot be replaced, how it is made, and how it is read. */
const UNREPLACED: [kind: string, make: () => object, read: Read | undefined][] = [
  ['the body of a Response', () => new Response(broken()), (output: Response) => output.text()],
  ['a member of an object', () => ({ text: broken() }), ({ text }: { text: never }) => drain(text)],
  ['a generator', generator, async (output: Iterable<string>) => [...output]],
  [
    'an observable',
    observable,
    (output: ReturnType<typeof observable>) => new Promise((_, reject) => output.subscribe({ error: reject })),
  ],
  ['a stream helper that reads by itself', helper, undefined],
]

const served = async (make: () => unknown, options: ServingOptions<[], unknown>) => {
  const staged = await stage()
  const said: string[] = []
  staged.canary.on('internal-error', ({ error }) => said.push(error.message))
  return { ...staged, said, predict: staged.canary.wrap({ baseline: make, canary: make }, options) }
}

it.each(UNREPLACED)(
  '%s that fails before its first chunk reaches the caller, and that is told once',
  async (...row) => {
    const [, make, read] = row
    const { predict, said, counts, failures } = await served(make, { fallback: true, firstChunkTimeoutMs: 50 })
    for (const output of [predict(), predict()]) {
      if (read) expect(await errorOf(() => read(output as never))).toBe(error)
    }
    if (read) expect(counts()).toEqual({ 'v2 error': 2 })
    expect(failures()).toEqual({ OPTION_IGNORED: 1 })
    expect(said[0]).toContain('fallback, firstChunkTimeoutMs: no effect once v2 has returned its output')
  },
)

it('tells of the limit of a first chunk without a fallback, also for a baseline', async () => {
  const { canary, failures } = await stage({ strategy: always('baseline') })
  canary.wrap({ baseline: generator, canary: generator }, { firstChunkTimeoutMs: 50 })()
  expect(failures()).toEqual({ OPTION_IGNORED: 1 })
})

it.each<[string, () => unknown, ServingOptions<[], unknown>]>([
  ['a stream that can be replaced', failing, { fallback: true, firstChunkTimeoutMs: 50 }],
  ['a complete output', () => ({ label: 'spam' }), { fallback: true, firstChunkTimeoutMs: 50 }],
  ['a Response without a body', () => new Response(null, { status: 204 }), { fallback: true }],
  ['a call without the options', () => new Response(broken()), {}],
])('nothing is told of %s', async (_, make, options) => {
  const { predict, failures } = await served(make, options)
  predict()
  expect(failures()).toEqual({})
})

it('a baseline with its own answer has no need of a fallback', async () => {
  const { canary, failures } = await stage({ strategy: always('baseline') })
  canary.wrap({ baseline: generator, canary: generator }, { fallback: true })()
  expect(failures()).toEqual({})
})
