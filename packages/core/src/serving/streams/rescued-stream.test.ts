import { EventEmitter } from 'node:events'
import { PassThrough, Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { describe, expect, it, vi } from 'vitest'
import { unhandledIn } from '../../foundation/unhandled.fixture.js'
import type { ServingOptions } from '../models.js'
import { always, errorOf, stage } from '../stage.fixture.js'

type Chunks = AsyncIterable<unknown>

const broken = (): never => {
  throw new Error('canary broke')
}

async function drain(stream: unknown): Promise<string> {
  let text = ''
  for await (const chunk of stream as Chunks)
    text += typeof chunk === 'string' ? chunk : Buffer.from(chunk as Uint8Array)
  return text
}

async function* words(...all: string[]) {
  yield* all
}

/** Each kind of stream, that gives the words and then fails, stays silent, or ends. */
const KINDS = {
  'an async generator': (all: string[], end: 'fails' | 'is silent' | 'ends') =>
    (async function* () {
      yield* all
      if (end === 'fails') broken()
      if (end === 'is silent') await new Promise(() => {})
    })(),
  'an async iterable': (all: string[], end: 'fails' | 'is silent' | 'ends') => {
    const rest = [...all]
    const next = async () => {
      const value = rest.shift()
      if (value !== undefined) return { done: false, value }
      if (end === 'fails') broken()
      return end === 'ends' ? { done: true, value } : new Promise<never>(() => {})
    }
    return { [Symbol.asyncIterator]: () => ({ next }) }
  },
  'a Node stream': (all: string[], end: 'fails' | 'is silent' | 'ends') => {
    const rest = [...all]
    return new Readable({
      read() {
        const value = rest.shift()
        if (value !== undefined) this.push(value)
        else if (end === 'fails') this.destroy(new Error('canary broke'))
        else if (end === 'ends') this.push(null)
      },
    })
  },
  'a web stream': (all: string[], end: 'fails' | 'is silent' | 'ends') => {
    const rest = [...all]
    return new ReadableStream({
      pull(controller): Promise<never> | undefined {
        const value = rest.shift()
        if (value !== undefined) controller.enqueue(value)
        else if (end === 'fails') controller.error(new Error('canary broke'))
        else if (end === 'ends') controller.close()
        else return new Promise(() => {})
        return undefined
      },
    })
  },
  'a byte stream': (all: string[], end: 'fails' | 'is silent' | 'ends') => {
    const rest = all.map((word) => Buffer.from(word))
    return new ReadableStream({
      type: 'bytes',
      pull(controller): Promise<never> | undefined {
        const value = rest.shift()
        if (value !== undefined) controller.enqueue(new Uint8Array(value))
        else if (end === 'fails') controller.error(new Error('canary broke'))
        else if (end === 'ends') {
          controller.close()
          controller.byobRequest?.respond(0)
        } else return new Promise(() => {})
        return undefined
      },
    })
  },
} as const

const kinds = Object.entries(KINDS)

async function served(canaryModel: () => unknown, baseline: () => unknown, options: ServingOptions<[], unknown> = {}) {
  const staged = await stage()
  const baselineModel = vi.fn(baseline)
  const predict = staged.canary.wrap({ baseline: baselineModel, canary: canaryModel }, { fallback: true, ...options })
  return { ...staged, baseline: baselineModel, predict }
}

describe.each(kinds)('%s of the canary', (_, make) => {
  it('that fails before its first chunk is replaced by the baseline’s', async () => {
    const { predict, counts } = await served(() => make([], 'fails'), () => make(['old ', 'words'], 'ends')) // biome-ignore format: short
    expect(await drain(predict())).toBe('old words')
    expect(counts()).toEqual({ 'v2 error': 1 })
  })

  it('that a promise gave is replaced as well, by a baseline’s that a promise gives', async () => {
    const { predict, counts } = await served(async () => make([], 'fails'), async () => make(['old'], 'ends')) // biome-ignore format: short
    expect(await drain(await predict())).toBe('old')
    expect(counts()).toEqual({ 'v2 error': 1 })
  })

  it('that stays silent too long is replaced, and counted as a timeout', async () => {
    const models = [() => make([], 'is silent'), () => make(['old'], 'ends')] as const
    const classify = vi.fn(() => 'ignored' as const) // is not asked about a timeout, nor is it for a plain call
    const { predict, counts, clock, canary } = await served(...models, { firstChunkTimeoutMs: 50, classify })
    const text = drain(predict())
    await clock.advance(49)
    expect(counts()).toEqual({ 'v2 in flight': 1 })
    await clock.advance(1)
    expect(await text).toBe('old')
    expect(counts()).toEqual({ 'v2 timeout': 1 })
    expect(JSON.stringify(canary.status().errors)).toContain('the stream of v2 was silent for longer than 50 ms')
  })

  it('that stays silent too long fails with status 504 without fallback', async () => {
    const { predict, clock } = await served(() => make([], 'is silent'), () => 'v1', { firstChunkTimeoutMs: 50, fallback: false }) // biome-ignore format: short
    const error = errorOf(() => drain(predict()))
    await clock.advance(50)
    expect(await error).toMatchObject({ code: 'MODEL_TIMEOUT', status: 504, statusCode: 504 })
  })

  it('that fails after its first chunk is not replaced', async () => {
    const { predict, baseline, counts } = await served(() => make(['new'], 'fails'), () => 'v1') // biome-ignore format: short
    expect(await errorOf(() => drain(predict()))).toMatchObject({ message: 'canary broke' })
    expect(baseline).not.toHaveBeenCalled()
    expect(counts()).toEqual({ 'v2 error': 1 })
  })

  it('that is silent after its first chunk is waited for', async () => {
    const models = [() => make(['new'], 'is silent'), () => 'v1'] as const
    const { predict, baseline, counts, clock } = await served(...models, { firstChunkTimeoutMs: 50 })
    void drain(predict())
    await clock.advance(500)
    expect(baseline).not.toHaveBeenCalled()
    expect(counts()).toEqual({ 'v2 in flight': 1 })
  })

  it('that gives what it should reaches the reader, chunk for chunk, and so does an empty one', async () => {
    const { predict, counts } = await served(() => make(['a', 'b', 'c'], 'ends'), broken)
    expect(await drain(predict())).toBe('abc')
    const empty = await served(() => make([], 'ends'), broken)
    expect(await drain(empty.predict())).toBe('')
    expect([counts(), empty.counts()]).toEqual([{ 'v2 success': 1 }, { 'v2 success': 1 }])
  })

  it('without a reader does not count as silent', async () => {
    const { predict, counts, clock } = await served(() => make([], 'is silent'), broken, { firstChunkTimeoutMs: 50 })
    predict()
    await clock.advance(500)
    expect(counts()).toEqual({ 'v2 in flight': 1 })
  })

  it('without fallback rejects when it stays silent too long', async () => {
    const options = { fallback: false, firstChunkTimeoutMs: 50 }
    const { predict, counts, clock, baseline } = await served(() => make([], 'is silent'), () => 'v1', options) // biome-ignore format: short
    const failed = errorOf(() => drain(predict()))
    await clock.advance(50)
    expect(await failed).toMatchObject({ code: 'MODEL_TIMEOUT', message: expect.stringContaining('v2') })
    expect(baseline).not.toHaveBeenCalled()
    expect(counts()).toEqual({ 'v2 timeout': 1 })
  })

  it('is replaced by one that has the same time, and then rejects', async () => {
    const silent = () => make([], 'is silent')
    const { predict, counts, clock } = await served(silent, silent, { firstChunkTimeoutMs: 50 })
    const failed = errorOf(() => drain(predict()))
    await clock.advance(100)
    expect(await failed).toMatchObject({ code: 'MODEL_TIMEOUT', message: expect.stringContaining('v1') })
    expect(counts()).toEqual({ 'v2 timeout': 1 })
  })

  it('is replaced only within the budget', async () => {
    const { predict } = await served(() => make([], 'fails'), () => make(['old'], 'ends')) // biome-ignore format: short
    for (let call = 0; call < 5; call++) expect(await drain(predict())).toBe('old')
    expect(await errorOf(() => drain(predict()))).toMatchObject({ message: 'canary broke' })
  })

  it('whose replacement fails gives that one’s error', async () => {
    const old = async function* () {
      yield* words()
      throw new Error('baseline broke')
    }
    const { predict, counts } = await served(() => make([], 'fails'), old)
    expect(await errorOf(() => drain(predict()))).toMatchObject({ message: 'baseline broke' })
    expect(counts()).toEqual({ 'v2 error': 1 })
  })

  it('is not replaced by an output that is not a stream', async () => {
    const { predict, failures } = await served(() => make([], 'fails'), () => 'v1') // biome-ignore format: short
    expect(await errorOf(() => drain(predict()))).toMatchObject({ message: 'canary broke' })
    expect(failures()).toMatchObject({ FALLBACK_IMPOSSIBLE: 1 })
  })

  it('leaves no rejection unhandled', async () => {
    const unhandled = await unhandledIn(async () => {
      const { predict, clock } = await served(() => make([], 'fails'), () => make(['old'], 'ends'), { firstChunkTimeoutMs: 50 }) // biome-ignore format: short
      await drain(predict())
      predict()
      await clock.advance(100)
    })
    expect(unhandled).toEqual([])
  })
})

it('each kind is replaced by each', async () => {
  for (const [, canary] of kinds)
    for (const [name, baseline] of kinds) {
      if (canary === KINDS['a byte stream'] && name !== 'a byte stream') continue // a byte stream takes bytes alone
      const { predict } = await served(() => canary([], 'fails'), () => baseline(['old'], 'ends')) // biome-ignore format: short
      expect(await drain(predict())).toBe('old')
    }
})

describe('with fallback, the reader gets', () => {
  it('the same generator and the same iterable', async () => {
    for (const make of [KINDS['an async generator'], KINDS['an async iterable']]) {
      const stream = make(['a'], 'ends')
      const { predict } = await served(() => stream, broken)
      expect(predict()).toBe(stream)
    }
  })

  it('a web stream that has a reader as it is', async () => {
    const stream = KINDS['a web stream'](['a'], 'ends')
    stream.getReader()
    const { predict, failures } = await served(() => stream, broken)
    expect(predict()).toBe(stream)
    expect(failures()).not.toHaveProperty('OBSERVER_FAILED')
  })

  it('a Node stream that had ended as it is', async () => {
    const stream = Readable.from(['a'])
    for await (const _ of stream);
    const { predict } = await served(() => stream, broken)
    expect(predict()).toBe(stream)
  })

  it('an old Node stream without async iterator as it is', async () => {
    class Old extends EventEmitter {
      pipe() {}
      read() {}
      unshift() {}
    }
    const stream = new Old()
    const { predict } = await served(() => stream, broken)
    expect(predict()).toBe(stream)
  })

  it('a byte stream for a byte stream', async () => {
    const { predict } = await served(() => KINDS['a byte stream'](['abc'], 'ends'), broken)
    const reader = (predict() as ReadableStream).getReader({ mode: 'byob' })
    const { value } = await reader.read(new Uint8Array(2))
    expect(Buffer.from(value as Uint8Array).toString()).toBe('ab')
  })

  it('objects of a Node stream one by one, and text where it is encoded', async () => {
    const objects = await served(() => Readable.from([{ a: 1 }, { a: 2 }]), broken)
    const all: unknown[] = []
    for await (const chunk of objects.predict() as Chunks) all.push(chunk)
    expect(all).toEqual([{ a: 1 }, { a: 2 }])
    const encoded = await served(() => KINDS['a Node stream'](['é'], 'ends').setEncoding('utf8'), broken)
    for await (const chunk of encoded.predict() as Chunks) expect(chunk).toBe('é')
  })

  it.each(['data', 'readable', 'pipe'])('a Node stream that is read by %s', async (how) => {
    const { predict, counts } = await served(() => KINDS['a Node stream']([], 'fails'), () => words('a', '', 'b')) // biome-ignore format: short
    const stream = predict() as Readable
    let text = ''
    if (how === 'data') stream.on('data', (chunk) => (text += chunk))
    if (how === 'readable')
      stream.on('readable', () => {
        for (let chunk = stream.read(); chunk !== null; chunk = stream.read()) text += chunk
      })
    if (how === 'pipe')
      await pipeline(
        stream,
        new PassThrough().on('data', (chunk) => (text += chunk)),
      )
    else await new Promise((resolve) => stream.on('end', resolve))
    expect(text).toBe('ab')
    expect(counts()).toEqual({ 'v2 error': 1 })
  })

  it('a Node stream that failed before it was read', async () => {
    const stream = new Readable({ read() {} })
    const { predict } = await served(() => stream, () => words('old')) // biome-ignore format: short
    const output = predict()
    stream.destroy(new Error('canary broke'))
    await new Promise(setImmediate)
    expect(await drain(output)).toBe('old')
  })

  it('nothing that was read ahead', async () => {
    const pulls = vi.fn()
    async function* lazy() {
      for (let chunk = 0; chunk < 10; chunk++) {
        pulls()
        yield `${chunk}`
      }
    }
    const { predict } = await served(() => Readable.from(lazy(), { highWaterMark: 1 }), broken)
    predict()
    await new Promise(setImmediate)
    expect(pulls).not.toHaveBeenCalled()
  })

  it('of a Node stream no more than was asked for', async () => {
    const pulls = vi.fn()
    const source = () =>
      new Readable({
        highWaterMark: 1,
        read() {
          pulls()
          this.push('a')
        },
      })
    const { predict } = await served(source, broken)
    const iterator = (predict() as Chunks)[Symbol.asyncIterator]()
    await iterator.next()
    for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate)
    expect(pulls.mock.calls.length).toBeLessThanOrEqual(2) // one for itself, and one that the source keeps ready
  })
})

describe('a reader that leaves', () => {
  it.each(kinds)('%s before its first chunk does not get the stream of the baseline', async (_, make) => {
    const { predict, baseline, clock, canary } = await served(() => make([], 'is silent'), () => words('old'), { firstChunkTimeoutMs: 50 }) // biome-ignore format: short
    const stream = predict() as Readable | ReadableStream | AsyncIterator<unknown>
    if ('destroy' in stream) {
      stream.on('error', () => {})
      stream.read()
      stream.destroy()
    } else if ('getReader' in stream) {
      const reader = stream.getReader()
      void reader.read()
      await reader.cancel()
    } else {
      const iterator = (stream as unknown as Chunks)[Symbol.asyncIterator]()
      iterator.next().catch(() => {})
      iterator.return?.().catch(() => {})
    }
    await clock.advance(100)
    expect(baseline).not.toHaveBeenCalled()
    expect(JSON.stringify(canary.status().errors)).not.toContain('silent')
  })

  it.each(kinds)(
    '%s by its whole request is not given the baseline’s, though the stream stays silent',
    async (_, make) => {
      const { canary, clock, counts } = await stage()
      const baseline = vi.fn(() => words('old'))
      const flight = canary.begin()
      const models = { baseline, canary: () => make([], 'is silent') }
      const failed = errorOf(() => drain(canary.serve(flight, models, { fallback: true, firstChunkTimeoutMs: 50 })))
      flight.abort()
      await clock.advance(50)
      expect(await failed).toMatchObject({ code: 'MODEL_TIMEOUT' })
      expect(baseline).not.toHaveBeenCalled()
      expect(counts()).toEqual({ 'v2 aborted': 1 })
    },
  )

  it('ends the baseline’s stream too, and is counted as nothing more', async () => {
    for (const [, make] of kinds) {
      const ended = vi.fn()
      async function* old() {
        try {
          yield new Uint8Array([97])
          yield new Uint8Array([98])
        } finally {
          ended()
        }
      }
      const { predict, counts } = await served(() => make([], 'fails'), () => old()) // biome-ignore format: short
      for await (const _ of predict() as Chunks) break
      await new Promise(setImmediate)
      expect(ended).toHaveBeenCalledTimes(1)
      expect(counts()).toEqual({ 'v2 error': 1 })
    }
  })
})

it('steps after the first are asked for as the reader asks, several at once', async () => {
  const next = vi.fn(async () => ({ done: false, value: 'a' }))
  const { predict } = await served(() => ({ [Symbol.asyncIterator]: () => ({ next }) }), broken)
  const iterator = (predict() as Chunks)[Symbol.asyncIterator]()
  await iterator.next()
  next.mockReturnValue(new Promise(() => {}))
  void iterator.next()
  void iterator.next()
  expect(next).toHaveBeenCalledTimes(3)
})

it('a web stream gets the reason for which its reader leaves', async () => {
  const cancel = vi.fn()
  const { predict } = await served(() => new ReadableStream({ cancel }), broken)
  await (predict() as ReadableStream).cancel('enough')
  expect(cancel.mock.calls).toEqual([['enough']])
})

it('a stream of the baseline without a cancellation is abandoned', async () => {
  const { predict } = await served(() => KINDS['an async generator']([], 'fails'), () => KINDS['an async iterable'](['a', 'b'], 'ends')) // biome-ignore format: short
  for await (const chunk of predict() as Chunks) {
    expect(chunk).toBe('a')
    break
  }
})

it('two steps that are asked for at once are rescued once, and come in order', async () => {
  const { predict, baseline } = await served(() => KINDS['an async generator']([], 'fails'), () => words('a', 'b')) // biome-ignore format: short
  const stream = predict() as AsyncGenerator<string>
  const steps = await Promise.all([stream.next(), stream.next()])
  expect(steps.map(({ value }) => value)).toEqual(['a', 'b'])
  expect(baseline).toHaveBeenCalledTimes(1)
})

it('streams that stay silent too long are cancelled, the canary’s and the baseline’s', async () => {
  const cancelled: string[] = []
  const silent = (name: string) =>
    new ReadableStream({ pull: () => new Promise<void>(() => {}), cancel: () => void cancelled.push(name) })
  const { predict, clock } = await served(() => silent('canary'), () => silent('baseline'), { firstChunkTimeoutMs: 50 }) // biome-ignore format: short
  const failed = errorOf(() => drain(predict()))
  await clock.advance(50)
  expect(cancelled).toEqual(['canary'])
  await clock.advance(50)
  await failed
  expect(cancelled).toEqual(['canary', 'baseline'])
})

it('iterators that stay silent too long are returned, the canary’s and the baseline’s', async () => {
  const leave = vi.fn(async (_name: string) => ({ done: true, value: undefined }))
  const silent = (name: string) => {
    const iterator = { next: () => new Promise<never>(() => {}), return: () => leave(name) }
    return { [Symbol.asyncIterator]: () => iterator }
  }
  const { predict, clock } = await served(() => silent('canary'), () => silent('baseline'), { firstChunkTimeoutMs: 50 }) // biome-ignore format: short
  const failed = errorOf(() => drain(predict()))
  await clock.advance(50)
  expect(leave.mock.calls).toEqual([['canary']])
  await clock.advance(50)
  await failed
  expect(leave.mock.calls).toEqual([['canary'], ['baseline']])
})

it('Node streams that stay silent too long are destroyed, the canary’s and the baseline’s', async () => {
  const [canary, baseline] = [new Readable({ read() {} }), new Readable({ read() {} })]
  const { predict, clock } = await served(() => canary, () => baseline, { firstChunkTimeoutMs: 50 }) // biome-ignore format: short
  const failed = errorOf(() => drain(predict()))
  await clock.advance(50)
  expect([canary.destroyed, baseline.destroyed]).toEqual([true, false])
  await clock.advance(50)
  await failed
  expect(baseline.destroyed).toBe(true)
})

it.each([
  ['before it reads', false],
  ['while it waits', true],
])('a Node stream is destroyed by a reader that leaves %s', async (_, isRead) => {
  const source = new Readable({ read() {} })
  const { predict } = await served(() => source, broken)
  const front = predict() as Readable
  if (isRead) front.read()
  front.destroy()
  await expect.poll(() => source.destroyed).toBe(true)
})

it('a reader that calls throw ends the baseline’s stream, too, and gets its own error', async () => {
  const ended = vi.fn()
  async function* old() {
    try {
      yield* words('a', 'b')
    } finally {
      ended()
    }
  }
  const { predict } = await served(() => KINDS['an async generator']([], 'fails'), old) // biome-ignore format: short
  const stream = predict() as AsyncGenerator<string>
  expect(await stream.next()).toEqual({ done: false, value: 'a' })
  const error = new Error('reader broke')
  expect(await errorOf(() => stream.throw(error))).toBe(error)
  expect(ended).toHaveBeenCalledTimes(1)
})

describe('firstChunkTimeoutMs', () => {
  it('holds for the baseline’s own calls', async () => {
    const { canary, clock, counts } = await stage({ strategy: always('baseline') })
    const silent = () => KINDS['an async generator']([], 'is silent')
    const failed = errorOf(() =>
      drain(canary.wrap({ baseline: silent, canary: silent }, { firstChunkTimeoutMs: 50 })()),
    )
    await clock.advance(50)
    expect(await failed).toMatchObject({ code: 'MODEL_TIMEOUT' })
    expect(counts()).toEqual({ 'v1 timeout': 1 })
  })

  it('leaves no timer behind', async () => {
    const { predict, clock } = await served(() => words('a'), broken, { firstChunkTimeoutMs: 50 })
    const before = clock.pending + 1 // the sweep for unanswered calls
    await drain(predict())
    expect(clock.pending).toBe(before)
  })

  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY, '50'])('refuses %s', async (firstChunkTimeoutMs) => {
    const { canary } = await stage()
    const wrap = () =>
      canary.wrap({ baseline: words, canary: words }, { firstChunkTimeoutMs: firstChunkTimeoutMs as number })
    expect(await errorOf(wrap)).toMatchObject({ code: 'INVALID_OPTION' })
  })
})
