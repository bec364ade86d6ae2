import { EventEmitter, once } from 'node:events'
import { describe, expect, it, vi } from 'vitest'
import type { Variant } from '../foundation/vocabulary.js'
import type { ServingOptions } from '../serving/models.js'
import { always, errorOf, stage } from '../serving/stage.fixture.js'
import { requestCanary } from './live-request.js'
import { nodeTie } from './node-tie.js'
import { runAndSend } from './run-and-send.js'

type Model = () => unknown

/** As much of a `ServerResponse` as counts here; real ones are in the tests of the handler. */
function fakeResponse() {
  const response = Object.assign(new EventEmitter(), {
    statusCode: 200,
    writableEnded: false,
    writableFinished: false,
    headersSent: false,
    destroyed: false,
    setHeader() {},
    finish() {
      Object.assign(response, { headersSent: true, writableEnded: true, writableFinished: true, destroyed: true })
      response.emit('close')
    },
    leave() {
      response.destroyed = true
      response.emit('close')
    },
  })
  return response
}

type FakeResponse = ReturnType<typeof fakeResponse>

interface Asked extends ServingOptions<[], unknown> {
  readonly variant?: Variant
  readonly baseline?: Model
  readonly canary?: Model
  readonly send: (output: unknown, response: FakeResponse) => unknown
}

/** A stage on which one request can be served with these models. */
async function staged({ variant = 'canary', baseline = () => 'v1', canary = () => 'v2', send, ...serving }: Asked) {
  const staged = await stage({ strategy: always(variant) })
  const models = staged.canary.models({ baseline, canary }, serving)
  const response = fakeResponse()
  const sent = vi.fn((output: unknown) => send(output, response))
  const serve = (): Promise<void> => {
    const seat = requestCanary(staged.canary, nodeTie(response), { request: () => ({}), versionHeader: false })
    return runAndSend(seat, models, [], {
      send: sent,
      isJson: false,
      isBegun: () => response.headersSent,
      isEnded: () => response.writableEnded,
    })
  }
  return { ...staged, response, sent, serve }
}

const unsendable = new Error('cannot be sent')

/** Sends strings of the baseline, and nothing else. */
const onlyV1 = (output: unknown): void => {
  if (output !== 'v1') throw unsendable
}

const MODELS: [string, Model][] = [
  ['a synchronous model', () => 'v2'],
  ['an asynchronous model', async () => 'v2'],
]

describe.each(MODELS)('an output of %s that cannot be sent', (_, canary) => {
  it.each([
    ['throws', onlyV1],
    ['rejects', async (output: unknown) => onlyV1(output)],
  ])('is an error of the canary, and the baseline’s answer is sent, if send %s', async (_, send) => {
    const { serve, sent, counts, canary: live } = await staged({ canary, send, fallback: true })
    await serve()
    expect(sent.mock.calls).toEqual([['v2'], ['v1']])
    expect(counts()).toEqual({ 'v2 error': 1 })
    expect(live.status().errors.canary).toMatchObject([{ message: 'cannot be sent', count: 1 }])
  })

  it('is an error that the caller gets without fallback', async () => {
    const { serve, sent, counts } = await staged({ canary, send: onlyV1 })
    expect(await errorOf(serve)).toBe(unsendable)
    expect(sent).toHaveBeenCalledTimes(1)
    expect(counts()).toEqual({ 'v2 error': 1 })
  })
})

describe('the baseline', () => {
  it('has its own errors of sending, so that both are compared fairly', async () => {
    const { serve, counts, canary } = await staged({
      variant: 'baseline',
      baseline: () => 1n,
      send: onlyV1,
      fallback: true,
    })
    expect(await errorOf(serve)).toBe(unsendable)
    expect(counts()).toEqual({ 'v1 error': 1 })
    expect(canary.status().errors.baseline).toHaveLength(1)
  })

  it('does not answer once a part of the canary’s answer was sent', async () => {
    const send = async (_: unknown, response: FakeResponse) => {
      response.headersSent = true
      throw unsendable
    }
    const { serve, sent, counts } = await staged({ send, fallback: true })
    expect(await errorOf(serve)).toBe(unsendable)
    expect(sent).toHaveBeenCalledTimes(1)
    expect(counts()).toEqual({ 'v2 error': 1 })
  })

  it('does not answer beyond the budget', async () => {
    const { serve, counts } = await staged({ send: onlyV1, fallback: true })
    for (let call = 0; call < 5; call += 1) await serve()
    expect(await errorOf(serve)).toBe(unsendable)
    expect(counts()).toEqual({ 'v2 error': 6 })
  })

  it('does not answer for a mistake of the caller that send finds', async () => {
    const refusal = Object.assign(new Error('not acceptable'), { status: 406 })
    const { serve, counts, canary } = await staged({ fallback: true, send: () => Promise.reject(refusal) })
    expect(await errorOf(serve)).toBe(refusal)
    expect(counts()).toEqual({ 'v2 rejected': 1 })
    expect(canary.status().errors.canary).toEqual([])
  })

  it('has its error passed on if it cannot be sent either, and none is counted for it', async () => {
    const send = () => {
      throw unsendable
    }
    const { serve, sent, counts } = await staged({ send, fallback: true })
    expect(await errorOf(serve)).toBe(unsendable)
    expect(sent.mock.calls).toEqual([['v2'], ['v1']])
    expect(counts()).toEqual({ 'v2 error': 1 })
  })
})

describe('while an output is sent', () => {
  it('the model’s time stands still', async () => {
    const { serve, canary, clock, counts } = await staged({
      canary: () => clock.advance(40).then(() => 'v2'),
      send: () => clock.advance(500),
    })
    await serve()
    expect(counts()).toEqual({ 'v2 success': 1 })
    expect(canary.metrics().v2.avgLatencyMs).toBe(40)
  })

  it.each([
    ['left', 'aborted', (response: FakeResponse) => response.leave()],
    ['got all of it', 'success', (response: FakeResponse) => response.finish()],
  ])('a client that %s ends the call with %s, also if send rejects because of it', async (_, outcome, end) => {
    const send = async (_: unknown, response: FakeResponse) => {
      const closed = once(response, 'close')
      queueMicrotask(() => end(response))
      await closed
      throw unsendable
    }
    const { serve, sent, counts, canary } = await staged({ send, fallback: true })
    expect(await errorOf(serve)).toBe(unsendable)
    expect(sent).toHaveBeenCalledTimes(1)
    expect(counts()).toEqual({ [`v2 ${outcome}`]: 1 })
    expect(canary.status().errors.canary).toEqual([])
  })

  it('a response that is over first ends the call with what describes its output', async () => {
    const send = async (_: unknown, response: FakeResponse) => {
      response.finish()
      await new Promise(setImmediate)
    }
    const describing = { predictionOf: () => 'spam', scoreOf: () => 0.5 }
    const { serve, canary } = await staged({ send, ...describing })
    await serve()
    expect(canary.metrics().v2).toMatchObject({ predictionDistribution: { spam: 1 }, score: { count: 1, mean: 0.5 } })
  })

  it('the call is open, and ends with the response even if send never settles', async () => {
    const { serve, clock, counts, response } = await staged({ send: () => new Promise(() => {}) })
    void serve()
    await clock.advance(60_000)
    expect(counts()).toEqual({ 'v2 in flight': 1 })
    response.finish()
    expect(counts()).toEqual({ 'v2 success': 1 })
  })
})

describe('what describes an output', () => {
  it('is asked once, before it is sent, and not about an error of sending', async () => {
    const asked: unknown[] = []
    const note = (name: string) => (said: unknown) => {
      asked.push([name, said])
      return undefined
    }
    const { serve } = await staged({
      send: (output) => {
        note('send')(output)
        onlyV1(output)
      },
      classify: note('classify'),
      predictionOf: note('predictionOf'),
      validate: (output) => note('validate')(output) === undefined,
      fallback: true,
    })
    await serve()
    expect(asked).toEqual([
      ['validate', 'v2'],
      ['classify', { output: 'v2' }],
      ['predictionOf', 'v2'],
      ['send', 'v2'],
      ['send', 'v1'],
    ])
  })
})

describe('an output that is not complete when it is returned', () => {
  it('is sent after that, as before', async () => {
    async function* stream() {
      yield 'a'
    }
    const send = async (output: unknown) => {
      expect(counts()).toEqual({ 'v2 in flight': 1 })
      for await (const _ of output as AsyncIterable<string>);
    }
    const { serve, sent, counts } = await staged({ canary: stream, send })
    await serve()
    expect(sent).toHaveBeenCalledTimes(1)
    expect(counts()).toEqual({ 'v2 success': 1 })
  })

  it('is told of once for a pair of models, however many requests it serves', async () => {
    class Result {
      readonly text = Promise.resolve('Hello')
    }
    const { serve, failures } = await staged({ canary: () => new Result(), send: () => {} })
    await serve()
    await serve()
    expect(failures()).toEqual({ OUTPUT_NOT_OBSERVED: 1 })
  })
})

describe('a response that somebody else has ended', () => {
  /** Serves one request whose response is ended while its model works. */
  async function servedLate(answer: Model, isAsync = true) {
    const ended = await staged({
      canary: () => {
        ended.response.finish()
        return isAsync ? Promise.resolve().then(answer) : answer()
      },
      send: () => {
        throw unsendable
      },
    })
    await ended.serve()
    return ended
  }

  it.each([true, false])('gets no output, which counts as it is (asynchronous: %s)', async (isAsync) => {
    const { sent, counts } = await servedLate(() => 'v2', isAsync)
    expect(sent).not.toHaveBeenCalled()
    expect(counts()).toEqual({ 'v2 success': 1 })
  })

  it('makes no error of the model one that is passed on: it is counted', async () => {
    const { counts, canary } = await servedLate(() => Promise.reject(new Error('broken')))
    expect(counts()).toEqual({ 'v2 error': 1 })
    expect(canary.status().errors.canary).toMatchObject([{ message: 'broken', count: 1 }])
  })

  it('releases a stream that is not sent', async () => {
    let isReleased = false
    async function* stream() {
      yield 'a'
    }
    const output = Object.assign(stream(), {
      async return() {
        isReleased = true
        return { done: true as const, value: undefined }
      },
    })
    const { sent, counts } = await servedLate(() => output)
    expect(sent).not.toHaveBeenCalled()
    await expect.poll(() => isReleased).toBe(true)
    await expect.poll(counts).toEqual({ 'v2 aborted': 1 })
  })

  it('hides no error of a send that ended it itself', async () => {
    const send = (_: unknown, response: FakeResponse) => {
      response.finish()
      throw unsendable
    }
    const { serve } = await staged({ send })
    expect(await errorOf(serve)).toBe(unsendable)
  })
})
