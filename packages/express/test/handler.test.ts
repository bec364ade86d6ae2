import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { createCanary, linearPlan } from '@model-canary/core'
import { canaryHandler, canaryMiddleware } from '@model-canary/express'
import express5, { type ErrorRequestHandler } from 'express'
import express4 from 'express-v4'
import { afterEach, describe, expect, it, vi } from 'vitest'

let server: Server | undefined
afterEach(() => server?.close())

const versions = { baseline: 'v1', canary: 'v2' }

/** Chunks without an end, with a note of who reads no more. */
function stepwise(released = () => {}) {
  const chunks = {
    [Symbol.asyncIterator]: () => chunks,
    next: () => new Promise<never>(() => {}),
    return: async () => released(),
  }
  return chunks
}

async function started() {
  const canary = createCanary({ name: 'handled', versions, plan: linearPlan([100]), warmUp: { durationMs: 0 } })
  await canary.start()
  await canary.promote({ full: true })
  return canary
}

describe.each([
  ['4', express4 as unknown as typeof express5],
  ['5', express5],
])('canaryHandler on Express %s', (_, express) => {
  /** Serves one route, and answers with what reached the error handler where something did. */
  async function ask(options: object, { before = false, status = 500, requests = 1 } = {}) {
    const canary = await started()
    const errors: string[] = []
    canary.on('internal-error', ({ error }) => errors.push(error.message))
    const app = express()
    app.use(express.json())
    if (before) app.use(canaryMiddleware(canary, { versionHeader: true }))
    app.post('/predict', canaryHandler(canary, options as never))
    let cause: unknown = 'none'
    const told: ErrorRequestHandler = (error, _req, res, _next) => {
      cause = (error as Error).cause
      res.status((error as { status?: number }).status ?? status).json({ told: (error as Error).message })
    }
    app.use(told)
    server = createServer(app).listen(0)
    const { port } = server.address() as AddressInfo
    const body = JSON.stringify({ text: 'good' })
    const headers = { 'content-type': 'application/json' }
    const request = () => fetch(`http://127.0.0.1:${port}/predict`, { method: 'POST', headers, body })
    for (let earlier = 1; earlier < requests; earlier += 1) await (await request()).json()
    const response = await request()
    const text = await response.text()
    const answer: unknown = text && JSON.parse(text)
    const v2 = canary.metrics().v2!
    const { internalErrors, errors: modelErrors } = canary.status()
    const latest = modelErrors.canary[0]?.message
    await canary.close()
    return {
      status: response.status,
      version: response.headers.get('x-model-version'),
      answer,
      v2,
      errors,
      internalErrors,
      latest,
      cause,
    }
  }

  const input = (req: { body: { text: string } }) => req.body.text
  const baseline = (text: string) => ({ v1: text })

  it('answers with the output of the request’s version, without the middleware and with it', async () => {
    const canary = async (text: string) => ({ v2: text })
    const alone = await ask({ input, baseline, canary, versionHeader: true })
    expect(alone).toMatchObject({ status: 200, version: 'v2', answer: { v2: 'good' }, v2: { successCount: 1 } })
    expect(await ask({ input, baseline, canary }, { before: true })).toMatchObject({
      version: 'v2',
      v2: { requestCount: 1 },
    })
  })

  it('tells once which of its options the middleware in front of it makes useless', async () => {
    const canary = async (text: string) => ({ v2: text })
    const routing = { key: () => 'ada', versionHeader: 'x-served-by' }
    const { errors, internalErrors, version } = await ask(
      { input, baseline, canary, ...routing },
      { before: true, requests: 3 },
    )
    expect(internalErrors).toEqual({ OPTION_IGNORED: 1 })
    expect(errors).toEqual([
      expect.stringMatching(
        /^\[OPTION_IGNORED\] canaryHandler: key, versionHeader have no effect.*pass them to canaryMiddleware$/,
      ),
    ])
    expect(version).toBe('v2')
  })

  it('tells nothing without the middleware, or without such options', async () => {
    const canary = async (text: string) => ({ v2: text })
    const alone = await ask({ input, baseline, canary, key: () => 'ada' }, { requests: 2 })
    expect(alone.internalErrors).toEqual({})
    const behind = await ask({ input, baseline, canary, key: undefined }, { before: true })
    expect(behind.internalErrors).toEqual({})
  })

  it.each([
    ['rejects', () => Promise.reject(new Error('broken'))],
    [
      'throws',
      () => {
        throw new Error('broken')
      },
    ],
  ])('hands what a model %s with to the error handler', async (_, canary) => {
    expect(await ask({ input, baseline, canary, versionHeader: true })).toMatchObject({
      status: 500,
      version: 'v2',
      answer: { told: 'broken' },
      v2: { errorCount: 1 },
    })
  })

  it.each([[undefined], [null], [''], ['route'], ['router']])(
    'hands an error to the error handler if a model rejects with %j, which Express would take for none',
    async (reason) => {
      const { answer, v2, cause } = await ask({ input, baseline, canary: () => Promise.reject(reason) })
      const { told } = answer as { told: string }
      expect(told).toBe(`a model, input or send failed with ${JSON.stringify(reason)}, which is not an error`)
      expect([v2.errorCount, cause]).toEqual([1, reason])
    },
  )

  it('answers a model that takes too long with 504', async () => {
    const { status, answer, v2 } = await ask({ input, baseline, canary: () => new Promise(() => {}), timeoutMs: 20 })
    expect([status, v2.timeoutCount]).toEqual([504, 1])
    expect((answer as { told: string }).told).toContain('MODEL_TIMEOUT')
  })

  it('hands what input or send throws to the error handler; no model is called for an input that cannot be read', async () => {
    const failing = () => {
      throw new Error('unreadable')
    }
    const unread = await ask({ input: failing, baseline, canary: baseline })
    expect(unread).toMatchObject({ answer: { told: 'unreadable' }, v2: { requestCount: 0, successCount: 0 } })
    expect(await ask({ input, baseline, canary: baseline, send: failing })).toMatchObject({
      answer: { told: 'unreadable' },
      v2: { errorCount: 1 },
    })
  })

  const cycle: { own?: unknown } = {}
  cycle.own = cycle
  const throws = () => {
    throw new Error('unreadable')
  }
  const UNSENDABLE: [string, unknown][] = [
    ['a BigInt', { id: 1n }],
    ['a cycle', cycle],
    ['a getter that throws', Object.defineProperty({}, 'id', { get: throws, enumerable: true })],
    ['a toJSON that throws', { toJSON: throws }],
  ]

  it.each(UNSENDABLE)(
    'counts %s that cannot be sent as an error, and sends the baseline’s answer',
    async (_, output) => {
      const models = { input, baseline, canary: async () => output, versionHeader: true }
      expect(await ask({ ...models, fallback: true })).toMatchObject({
        status: 200,
        version: 'v1',
        answer: { v1: 'good' },
        v2: { requestCount: 1, errorCount: 1 },
      })
      expect(await ask(models)).toMatchObject({ status: 500, version: 'v2', v2: { requestCount: 1, errorCount: 1 } })
    },
  )

  it.each([
    ['undefined', undefined],
    ['a function', () => 'v2'],
    ['a symbol', Symbol('v2')],
  ])('counts %s, which is not JSON, as an error with its cause, and sends the baseline’s answer', async (_, output) => {
    const { status, version, answer, v2, latest } = await ask({
      ...{ input, baseline, canary: async () => output, versionHeader: true, fallback: true },
    })
    expect([status, version, answer]).toEqual([200, 'v1', { v1: 'good' }])
    expect(v2).toMatchObject({ requestCount: 1, errorCount: 1 })
    expect(latest).toContain('is not JSON: return an answer, or pass send')
  })

  it('sends an output that is not JSON as Express does where there is no fallback', async () => {
    const { status, answer, v2 } = await ask({ input, baseline, canary: () => undefined })
    expect([status, answer, v2.errorCount]).toEqual([200, '', 1])
  })

  it('takes an output that is not JSON from a model whose send is given', async () => {
    const send = (_: unknown, res: { json(value: unknown): unknown }) => res.json({ sent: true })
    expect(await ask({ input, baseline, canary: () => undefined, send })).toMatchObject({
      answer: { sent: true },
      v2: { successCount: 1 },
    })
  })

  it.each<[string, (released: () => void) => unknown]>([
    ['a web stream', (cancel) => new ReadableStream({ cancel })],
    ['a Node stream', (released) => new Readable({ read() {}, destroy: (_, done) => done(void released() as never) })],
    ['an async generator', (released) => stepwise(released)],
    ['a response of fetch', (cancel) => new Response(new ReadableStream({ cancel }))],
  ])('does not send %s as JSON: the call is an error, and the stream is released', async (_, output) => {
    const released = vi.fn()
    const models = { input, baseline, canary: async () => output(released) }
    const { status, answer, v2 } = await ask({ ...models, fallback: true })
    expect([status, answer, v2.errorCount]).toEqual([200, { v1: 'good' }, 1])
    expect(await ask(models)).toMatchObject({
      status: 500,
      answer: { told: expect.stringContaining('pass send: (output, res) =>') },
      v2: { errorCount: 1, abortedCount: 0 },
    })
    await expect.poll(() => released.mock.calls.length).toBe(2)
  })

  it.each([
    ['nothing', () => undefined],
    ['a stream', () => Readable.from(['written'])],
  ])('leaves a response to a model that writes it and returns %s', async (_, output) => {
    const canary = (req: { res: { json(value: unknown): unknown } }) => {
      req.res.json({ written: true })
      return output()
    }
    expect(await ask({ input: (req: unknown) => req, baseline, canary })).toMatchObject({
      status: 200,
      answer: { written: true },
      v2: { errorCount: 0 },
    })
  })

  it('sends a stream that has a form in JSON', async () => {
    const output = Object.assign(stepwise(), { toJSON: () => ({ v2: 'good' }) })
    expect(await ask({ input, baseline, canary: () => output })).toMatchObject({ status: 200, answer: { v2: 'good' } })
  })

  it('counts a send that rejects after it began as an error, and hands it to the error handler', async () => {
    const send = async (_: unknown, res: { flushHeaders(): void; destroy(): void }) => {
      res.flushHeaders()
      throw new Error('broken off')
    }
    let told = ''
    const canary = await started()
    const app = express()
    app.get(
      '/',
      canaryHandler(canary, { input: () => 'good', baseline, canary: baseline, send, fallback: true } as never),
    )
    const closing: ErrorRequestHandler = (error, _req, res, _next) => {
      told = (error as Error).message
      res.destroy()
    }
    app.use(closing)
    server = createServer(app).listen(0)
    const { port } = server.address() as AddressInfo
    await fetch(`http://127.0.0.1:${port}/`)
      .then((response) => response.text())
      .catch(() => {})
    expect(told).toBe('broken off')
    expect(canary.metrics().v2).toMatchObject({ requestCount: 1, errorCount: 1 })
    expect(canary.metrics().v1!.requestCount).toBe(0)
    await canary.close()
  })

  it('does not count a client that leaves while its answer is sent as an error', async () => {
    const client = new AbortController()
    const send = async (
      _: unknown,
      res: { write(text: string): void; on(event: 'close', listener: () => void): void },
    ) => {
      const closed = new Promise<void>((resolve) => res.on('close', resolve))
      res.write('half')
      client.abort()
      await closed
      throw new Error('the client left')
    }
    const canary = await started()
    const app = express()
    app.get(
      '/',
      canaryHandler(canary, { input: () => 'good', baseline, canary: baseline, send, fallback: true } as never),
    )
    const ignoring: ErrorRequestHandler = (_error, _req, _res, _next) => {}
    app.use(ignoring)
    server = createServer(app).listen(0)
    const { port } = server.address() as AddressInfo
    await fetch(`http://127.0.0.1:${port}/`, { signal: client.signal }).catch(() => {})
    await expect.poll(() => canary.metrics().v2!.abortedCount).toBe(1)
    expect(canary.metrics().v2).toMatchObject({ requestCount: 1, errorCount: 0 })
    await canary.close()
  })

  it('sends as it is told', async () => {
    const send = (output: { v1: string }, res: { status(code: number): { json(value: unknown): unknown } }) =>
      res.status(201).json({ sent: output.v1 })
    expect(await ask({ input, baseline, canary: baseline, send })).toMatchObject({
      status: 201,
      answer: { sent: 'good' },
    })
  })
})

describe('canaryHandler', () => {
  it('shows the right form of a missing input', async () => {
    const canary = await started()
    const options = { baseline: String, canary: String } as never
    expect(() => canaryHandler(canary, options)).toThrow('canaryHandler: pass input: (req) => req.body')
    await canary.close()
  })

  it.each([
    ['no input', { baseline: String, canary: String }, 'INVALID_OPTION'],
    ['no canary', { input: String, baseline: String }, 'MISSING_HANDLER'],
    ['an unknown option', { input: String, baseline: String, canary: String, fallBack: true }, 'UNKNOWN_OPTION'],
    ['a send that cannot be called', { input: String, baseline: String, canary: String, send: 7 }, 'INVALID_OPTION'],
  ])('refuses %s', async (_, options, code) => {
    const canary = await started()
    expect(() => canaryHandler(canary, options as never)).toThrow(expect.objectContaining({ code }))
    await canary.close()
  })
})
