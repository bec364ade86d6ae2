import { createServer, get, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { ServingOptions } from '../models.js'
import { errorOf, stage } from '../stage.fixture.js'

let server: Server
let origin: string
let open = 0

beforeAll(async () => {
  server = createServer((request, response) => {
    open += 1
    response.on('close', () => (open -= 1))
    const { pathname } = new URL(request.url!, 'http://host')
    response.writeHead(Number(pathname.slice(1)) || 200, { 'content-type': 'application/json' })
    if (pathname === '/dies') response.write('{"half', () => response.destroy())
    else if (pathname === '/endless') response.write('{"half')
    else response.end('{"label":"positive"}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

/** A remote model, and what was counted of a call of it. */
async function asked(path: string, options: ServingOptions<[], Response | string> = {}) {
  const staged = await stage()
  const remote = async (): Promise<Response | string> => fetch(origin + path)
  const response = await staged.canary.wrap({ baseline: async () => 'by v1', canary: remote }, options)()
  return { ...staged, response: response as Response, remote }
}

async function chunksOf(body: ReadableStream<Uint8Array>): Promise<Uint8Array[]> {
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  return chunks
}

describe('a response', () => {
  it.each([500, 503, 599])('of status %i is an error, and the caller gets it as it is', async (status) => {
    const { response, counts } = await asked(`/${status}`)
    expect(counts()).toEqual({ 'v2 error': 1 })
    expect(response.status).toBe(status)
    expect(await response.json()).toEqual({ label: 'positive' })
  })

  it('of status 500 is replaced by the baseline, and cancelled', async () => {
    const { canary, counts } = await stage()
    const cancel = vi.fn()
    const models = {
      baseline: async () => 'by v1',
      canary: async () => new Response(new ReadableStream({ cancel }), { status: 500 }),
    }
    expect(await canary.wrap(models, { fallback: true })()).toBe('by v1')
    expect(counts()).toEqual({ 'v2 error': 1 })
    expect(cancel).toHaveBeenCalledTimes(1)
  })

  it.each([
    [500, 'error'],
    [408, 'timeout'],
  ])('of status %i is kept among the errors of its version', async (status, outcome) => {
    const { canary, counts } = await asked(`/${status}`)
    expect(counts()).toEqual({ [`v2 ${outcome}`]: 1 })
    expect(canary.status().errors.canary).toMatchObject([{ message: `HTTP status ${status}`, count: 1 }])
  })

  it.each<[number, ServingOptions<[], Response | string>]>([
    [400, {}],
    [500, { classify: () => 'ignored' }],
  ])('of status %i that is not the model’s fault is not kept among the errors', async (status, options) => {
    const { canary } = await asked(`/${status}`, options)
    expect(canary.status().errors.canary).toEqual([])
  })

  it('of status 500 may be called something else', async () => {
    const { counts } = await asked('/500', { classify: () => 'ignored' })
    expect(counts()).toEqual({ 'v2 ignored': 1 })
  })

  it('of status 500 that is called a success counts as one when its body was read', async () => {
    const { response, counts } = await asked('/500', { classify: () => 'success' })
    expect(counts()).toEqual({ 'v2 in flight': 1 })
    await response.text()
    expect(counts()).toEqual({ 'v2 success': 1 })
  })

  it.each<[string, (response: Response) => Promise<unknown>, unknown]>([
    ['text()', (response) => response.text(), '{"label":"positive"}'],
    ['json()', (response) => response.json(), { label: 'positive' }],
    ['arrayBuffer()', async (response) => (await response.arrayBuffer()).byteLength, 20],
    ['a reader of its body', async (response) => (await chunksOf(response.body!)).length, 1],
    [
      'its body, looked at first, and text()',
      (response) => (response.body ? response.text() : null!),
      '{"label":"positive"}',
    ],
    ['a copy', (response) => response.clone().text(), '{"label":"positive"}'],
    ['another response on its body', (response) => new Response(response.body).text(), '{"label":"positive"}'],
    [
      'a Node stream on its body',
      async (response) => String(await Readable.fromWeb(response.body as never).toArray()),
      '{"label":"positive"}',
    ],
  ])('is a success once its body was read by %s', async (_, read, expected) => {
    const { response, counts } = await asked('/200')
    expect(counts()).toEqual({ 'v2 in flight': 1 })
    expect(response).toBeInstanceOf(Response)
    expect(await read(response)).toEqual(expected)
    expect(counts()).toEqual({ 'v2 success': 1 })
  })

  it.each<[string, (response: Response) => Promise<unknown>]>([
    ['text()', (response) => response.text()],
    ['a reader', (response) => chunksOf(response.body!)],
  ])('whose body fails is an error for a reader that uses %s', async (_, read) => {
    const { response, counts } = await asked('/dies')
    expect(await errorOf(() => read(response))).toBeInstanceOf(TypeError)
    expect(counts()).toEqual({ 'v2 error': 1 })
  })

  it('whose body cannot be parsed is an error', async () => {
    const { canary, counts } = await stage()
    const model = async () => new Response('no JSON')
    const response = await canary.wrap({ baseline: model, canary: model })()
    expect(await errorOf(() => response.json())).toBeInstanceOf(SyntaxError)
    expect(counts()).toEqual({ 'v2 error': 1 })
  })

  it('whose body is cancelled is aborted', async () => {
    const { response, counts } = await asked('/endless')
    await response.body!.cancel()
    expect(counts()).toEqual({ 'v2 aborted': 1 })
  })

  it('is the original when that is read, though there is a copy', async () => {
    const { response, counts } = await asked('/200')
    response.clone()
    expect(await response.json()).toEqual({ label: 'positive' })
    expect(counts()).toEqual({ 'v2 success': 1 })
  })

  it('whose body was only looked at is as whole as before', async () => {
    const { response, counts } = await asked('/200')
    expect(response.body).toBe(response.body)
    const copy = response.clone()
    expect([copy.url, copy.status]).toEqual([response.url, 200])
    expect(await copy.json()).toEqual({ label: 'positive' })
    expect((await response.blob()).type).toBe('application/json')
    expect(counts()).toEqual({ 'v2 success': 1 })
  })

  it('whose body was looked at before it was copied can be read by its body', async () => {
    const { response, counts } = await asked('/200')
    expect(response.body).not.toBeNull()
    response.clone()
    expect(String(Buffer.concat(await chunksOf(response.body!)))).toBe('{"label":"positive"}')
    expect(counts()).toEqual({ 'v2 success': 1 })
  })

  it('that is being read cannot be copied, as without this library', async () => {
    const { response } = await asked('/200')
    response.body!.getReader()
    expect(() => response.clone()).toThrow(TypeError)
  })

  it('whose body had been read before is a success at once', async () => {
    const { canary, counts } = await stage()
    const model = async () => {
      const response = new Response('Hello')
      await response.text()
      return response
    }
    await canary.wrap({ baseline: model, canary: model })()
    expect(counts()).toEqual({ 'v2 success': 1 })
  })

  it('takes the time in which its body is read, which may take too long', async () => {
    const { canary, clock, counts } = await stage({ maxFlightMs: 10_000 })
    let give = (_?: string) => {}
    const model = () => {
      const body = new ReadableStream({
        pull: (to) =>
          new Promise<void>((resolve) => {
            give = (text) => {
              to.enqueue(new TextEncoder().encode(text))
              to.close()
              resolve()
            }
          }),
      })
      return new Response(body, { headers: {} })
    }
    const call = canary.wrap({ baseline: model, canary: model })
    const read = call().text()
    await clock.advance(400)
    give('Hello')
    await read
    expect(canary.metrics().v2).toMatchObject({ avgLatencyMs: 400, metrics: { timeToFirstChunkMs: { mean: 400 } } })
    void call().text()
    await clock.advance(11_000)
    expect(counts()).toEqual({ 'v2 success': 1, 'v2 timeout': 1 })
  })

  it('without a body is a success at once', async () => {
    const { canary, counts } = await stage()
    const model = async () => new Response(null, { status: 204 })
    await canary.wrap({ baseline: model, canary: model })()
    expect(counts()).toEqual({ 'v2 success': 1 })
  })

  it('whose status alone is read is a success after some seconds', async () => {
    const { response, clock, counts } = await asked('/200')
    expect(response.status).toBe(200)
    await clock.advance(5_000)
    expect(counts()).toEqual({ 'v2 success': 1 })
  })

  it('whose body is read in part only is not a success', async () => {
    const { response, clock, counts } = await asked('/endless')
    const reader = response.body!.getReader()
    await reader.read()
    reader.releaseLock()
    await clock.advance(5_000)
    expect(counts()).toEqual({ 'v2 in flight': 1 })
    await clock.advance(900_000)
    expect(counts()).toEqual({ 'v2 aborted': 1 })
    await response.body!.cancel()
  })

  it('that comes too late is cancelled', async () => {
    const { canary, clock } = await stage()
    let arrive = (_: Response) => {}
    const late = () => new Promise<Response>((resolve) => (arrive = resolve))
    const output = canary.wrap({ baseline: late, canary: late }, { timeoutMs: 100 })()
    await Promise.all([errorOf(() => output), clock.advance(100)])
    arrive(await fetch(`${origin}/endless`))
    await expect.poll(() => open).toBe(0)
  })
})

describe('a message of Node’s own client', () => {
  const message = () => new Promise<IncomingMessage>((resolve) => get(`${origin}/500`, { agent: false }, resolve))

  it('of status 500 is an error', async () => {
    const { canary, counts } = await stage()
    const incoming = await canary.wrap({ baseline: message, canary: message })()
    expect(counts()).toEqual({ 'v2 error': 1 })
    expect(String(await incoming.toArray())).toBe('{"label":"positive"}')
  })

  const good = () => new Promise<IncomingMessage>((resolve) => get(`${origin}/200`, { agent: false }, resolve))

  it('is a success and an answer if its body is never read, like every response', async () => {
    const { canary, clock, counts } = await stage()
    const incoming = await canary.wrap({ baseline: good, canary: good })()
    await clock.advance(5_000)
    expect(counts()).toEqual({ 'v2 success': 1 })
    expect(canary.metrics().v2.unansweredCount).toBe(0)
    incoming.destroy()
  })

  it('is an error if its body is cut short while it is read', async () => {
    const dying = () => new Promise<IncomingMessage>((resolve) => get(`${origin}/dies`, { agent: false }, resolve))
    const { canary, counts } = await stage()
    const incoming = await canary.wrap({ baseline: dying, canary: dying })()
    await errorOf(() => incoming.toArray())
    expect(counts()).toEqual({ 'v2 error': 1 })
  })

  it.each([{ fallback: true }, { firstChunkTimeoutMs: 50 }])(
    'keeps its status and its headers with %o, which has no effect on it, and that is told',
    async (options) => {
      const { canary, counts, failures } = await stage()
      const incoming = await canary.wrap({ baseline: good, canary: good }, options)()
      expect([incoming.statusCode, incoming.headers['content-type']]).toEqual([200, 'application/json'])
      expect(String(await incoming.toArray())).toBe('{"label":"positive"}')
      expect(counts()).toEqual({ 'v2 success': 1 })
      expect(failures()).toEqual({ OPTION_IGNORED: 1 })
    },
  )

  it('keeps them if the baseline gives it in place of a call that failed', async () => {
    const { canary } = await stage()
    const options = { fallback: true, firstChunkTimeoutMs: 50 }
    const incoming = await canary.wrap({ baseline: good, canary: message }, options)()
    expect([incoming.statusCode, incoming.headers['content-type']]).toEqual([200, 'application/json'])
    incoming.destroy()
  })

  it('takes the place of a stream that failed, by its body', async () => {
    const { canary } = await stage()
    const failing = async (): Promise<Readable> =>
      new Readable({
        read() {
          this.destroy(new Error('broken'))
        },
      })
    const chunks = await (await canary.wrap({ baseline: good, canary: failing }, { fallback: true })()).toArray()
    expect(String(chunks)).toBe('{"label":"positive"}')
  })

  it('is not recognised by a status alone: a stream of status 500 without headers is a stream', async () => {
    const { canary, counts } = await stage()
    const model = () => Object.assign(Readable.from(['a']), { status: 500 })
    await canary.wrap({ baseline: model, canary: model })().toArray()
    expect(counts()).toEqual({ 'v2 success': 1 })
  })

  it('in an object, as undici gives it, is a response', async () => {
    const { canary, counts } = await stage()
    const model = async (statusCode: number) => ({ statusCode, headers: {}, body: Readable.from(['a']) })
    const call = canary.wrap({ baseline: model, canary: model })
    await (await call(200)).body.toArray()
    await call(502)
    expect(counts()).toEqual({ 'v2 success': 1, 'v2 error': 1 })
  })
})
