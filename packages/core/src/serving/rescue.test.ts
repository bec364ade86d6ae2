import { createServer, get, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pipeline, Readable } from 'node:stream'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Outcome } from '../foundation/vocabulary.js'
import type { ModelContext } from './model-context.js'
import type { ServingOptions } from './models.js'
import { errorOf, stage } from './stage.fixture.js'

const errorWith = (members: object) => Object.assign(new Error('canary broke'), members)

/** The ways of a model to fail: at once, by a promise, and as each kind of stream before its first chunk. */
const FAILING: Record<string, (error: Error) => unknown> = {
  'a call that throws': (error) => {
    throw error
  },
  'a call that rejects': (error) => Promise.reject(error),
  'an async generator': (error) => failing(error),
  'an async iterable': (error) => ({ [Symbol.asyncIterator]: () => failing(error) }),
  'a Node stream': (error) => unreadable(error),
  'a web stream': (error) => new ReadableStream({ pull: (controller) => controller.error(error) }),
  'a byte stream': (error) => new ReadableStream({ type: 'bytes', pull: (controller) => controller.error(error) }),
}

// biome-ignore lint/correctness/useYield: it fails before its first chunk
async function* failing(error: Error): AsyncGenerator<Uint8Array> {
  throw error
}

const unreadable = (error: Error) =>
  new Readable({
    read() {
      this.destroy(error)
    },
  })

async function* old() {
  yield Uint8Array.of(1)
}

const drain = async (output: unknown) => {
  for await (const _ of output as AsyncIterable<unknown>);
}

describe.each(Object.entries(FAILING))('%s', (_, fail) => {
  /** Whether the baseline answered, what was counted, and what the caller got if it did not. */
  async function afterFailure(members: object, options: ServingOptions<[], unknown> = {}) {
    const { canary, counts } = await stage()
    const baseline = vi.fn(old)
    const error = errorWith(members)
    const predict = canary.wrap({ baseline, canary: () => fail(error) }, { fallback: true, ...options })
    const failure = await errorOf(async () => {
      await drain(await predict())
      throw 'rescued'
    })
    expect(failure).toBe(baseline.mock.calls.length > 0 ? 'rescued' : error)
    return [failure === 'rescued', counts()]
  }

  it.each([400, 406, 413, 414, 415, 416, 422])('is not replaced if the caller made a mistake: %i', async (status) => {
    expect(await afterFailure({ status })).toEqual([false, { 'v2 rejected': 1 }])
    expect(await afterFailure({ statusCode: status })).toEqual([false, { 'v2 rejected': 1 }])
  })

  it.each([
    [401, 'error'],
    [408, 'timeout'],
    [429, 'error'],
    [500, 'error'],
  ])('is replaced if the deployment made a mistake: %i', async (status, outcome) => {
    expect(await afterFailure({ status })).toEqual([true, { [`v2 ${outcome}`]: 1 }])
  })

  it.each<[Outcome, boolean]>([
    ['rejected', false],
    ['ignored', false],
    ['aborted', false],
    ['success', false],
    ['error', true],
    ['timeout', true],
  ])('that classify calls %s is replaced: %s; classify is called once', async (outcome, isRescued) => {
    const classify = vi.fn(() => outcome)
    const status = isRescued ? 400 : 500
    expect(await afterFailure({ status }, { classify })).toEqual([isRescued, { [`v2 ${outcome}`]: 1 }])
    expect(classify).toHaveBeenCalledTimes(1)
  })
})

it('a stream with completionOf counts as an error if it fails', async () => {
  const { canary } = await stage()
  for (const [status, isRescued] of [
    [400, false],
    [500, true],
  ] as const) {
    // biome-ignore format: short
    const baseline = vi.fn(old)
    const models = { baseline, canary: () => failing(errorWith({ status })) }
    const predict = canary.wrap(models, { fallback: true, completionOf: () => new Promise(() => {}) })
    await drain(predict()).catch(() => {})
    expect(baseline).toHaveBeenCalledTimes(Number(isRescued))
  }
})

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.closeAllConnections()
})

/** A service over a real socket; its client leaves once it has read something, or when it is told to. */
async function visited(serve: (response: ServerResponse) => void): Promise<{ leave(): void }> {
  const server = createServer((_request, response) => serve(response.on('error', () => {})))
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const request = get({ port, agent: false }, (response) => {
    response.on('error', () => {}).once('data', () => request.destroy())
  }).on('error', () => {})
  return { leave: () => request.destroy() }
}

const aborted = (signal: AbortSignal) =>
  new Promise<unknown>((resolve) => {
    if (signal.aborted) resolve(signal.reason)
    else signal.addEventListener('abort', () => resolve(signal.reason))
  })

/** Models whose canary fails in a way, and the signal that the baseline gets. */
async function rescuedBy(way: string, baseline: () => unknown, options: { firstChunkTimeoutMs?: number } = {}) {
  const { canary, clock } = await stage()
  let called = (_: AbortSignal) => {}
  const signal = new Promise<AbortSignal>((resolve) => (called = resolve))
  const models = {
    baseline(context: ModelContext) {
      called(context.signal)
      return baseline()
    },
    canary: () => FAILING[way]?.(new Error('canary broke')),
  }
  return { clock, signal, predict: canary.wrap(models, { context: true, fallback: true, ...options }) }
}

const CALLS = ['a call that throws', 'a call that rejects']
const STREAMS = Object.keys(FAILING).filter((way) => !CALLS.includes(way))

/** Gives chunks for ever. */
async function* talking() {
  for (;;) {
    yield Buffer.from('old')
    await new Promise(setImmediate)
  }
}
const talkingWeb = () =>
  new ReadableStream({
    async pull(controller) {
      await new Promise(setImmediate)
      controller.enqueue(Buffer.from('old'))
    },
  })
const TALKING: Record<string, () => unknown> = {
  'an async generator': talking,
  'a promise of one': async () => talking(),
  'an async iterable': () => ({ [Symbol.asyncIterator]: talking }),
  'a Node stream': () => Readable.from(talking()),
  'a web stream': talkingWeb,
}

describe('with context: true, a baseline that answers for the canary is aborted if the client leaves', () => {
  const nodeOf = (output: unknown): Readable => {
    if (output instanceof Readable) return output
    if (output instanceof Response) return nodeOf(output.body)
    return output instanceof ReadableStream ? Readable.fromWeb(output as never) : Readable.from(output as never)
  }
  const serving = (predict: () => unknown) => async (response: ServerResponse) =>
    pipeline(nodeOf(await predict()), response, () => {})

  it.each(Object.keys(TALKING).flatMap((kind) => Object.keys(FAILING).map((way) => [kind, way] as const)))(
    'while it gives %s, after %s',
    async (kind, way) => {
      const { signal, predict } = await rescuedBy(way, TALKING[kind]!)
      await visited(serving(predict))
      await aborted(await signal)
    },
  )

  it.each(CALLS)('while it gives the body of a response, after %s', async (way) => {
    const { signal, predict } = await rescuedBy(way, () => new Response(talkingWeb()))
    await visited(serving(predict))
    await aborted(await signal)
  })

  it.each(STREAMS)('before it returns its stream, after %s, and that stream is cancelled', async (way) => {
    let give = (_: unknown) => {}
    const { signal, predict } = await rescuedBy(way, () => new Promise((resolve) => (give = resolve)))
    const { leave } = await visited(serving(predict))
    const left = aborted(await signal)
    leave()
    await left
    const late = Readable.from(talking())
    const closed = new Promise((resolve) => late.once('close', resolve))
    give(late)
    await closed
    expect(late.readableDidRead).toBe(false)
  })
})

it('a reader that calls throw on a silent stream does not get the stream of the baseline', async () => {
  const { canary, clock } = await stage()
  const baseline = vi.fn(old)
  async function* silent(): AsyncGenerator<Uint8Array> {
    yield await new Promise<never>(() => {})
  }
  const stream = canary.wrap({ baseline, canary: silent }, { fallback: true, firstChunkTimeoutMs: 50 })()
  const step = errorOf(() => stream.next())
  void stream.throw(new Error('reader broke'))
  await clock.advance(50)
  expect(await step).toMatchObject({ code: 'MODEL_TIMEOUT' })
  expect(baseline).not.toHaveBeenCalled()
})

describe('with context: true, a baseline that answers for the canary is aborted when its time is up', () => {
  it.each(Object.keys(FAILING))('when its stream stays silent, after %s', async (way) => {
    const silent = () => new ReadableStream({ pull: () => new Promise<void>(() => {}) })
    const { clock, signal, predict } = await rescuedBy(way, silent, { firstChunkTimeoutMs: 50 })
    const failed = errorOf(async () => drain(await predict()))
    const { aborted: wasAborted } = await signal
    await clock.advance(50)
    const error = await failed
    expect(error).toMatchObject({ code: 'MODEL_TIMEOUT', message: expect.stringContaining('v1') })
    expect([wasAborted, (await signal).reason]).toEqual([false, error])
  })

  it('but not after the first chunk of its stream', async () => {
    const { clock, signal, predict } = await rescuedBy('a call that throws', talking, { firstChunkTimeoutMs: 50 })
    await (predict() as AsyncGenerator).next()
    await clock.advance(500)
    expect((await signal).aborted).toBe(false)
  })
})
