import {
  createServer,
  get,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http'
import { connect, createServer as createServer2, type ServerHttp2Stream } from 'node:http2'
import { type AddressInfo, createConnection, type Socket } from 'node:net'
import { PassThrough, pipeline, Readable } from 'node:stream'
import { afterEach, describe, expect, it } from 'vitest'
import { requestCanary } from '../http/live-request.js'
import { nodeTie } from '../http/node-tie.js'
import type { RequestCanary } from '../http/request-canary.js'
import { stage } from './stage.fixture.js'

type Route = (seat: RequestCanary, response: ServerResponse, request: IncomingMessage) => unknown

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.closeAllConnections()
})

/** A service over a real socket, and what was counted in it. */
async function open(route: Route, timeoutMs?: number) {
  const staged = await stage()
  const listener: RequestListener = (request, response) => {
    response.on('error', () => {})
    const seat = requestCanary(staged.canary, nodeTie(response), { request: () => ({}), versionHeader: false })
    void route(seat as RequestCanary, response, request)
  }
  const server = createServer(listener)
  if (timeoutMs !== undefined) server.timeout = timeoutMs
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { ...staged, port: (server.address() as AddressInfo).port }
}

/** A client that reads what comes until it is closed, or leaves. */
function ask(port: number, leave?: (response: IncomingMessage) => void): void {
  get({ port, agent: false }, (response) => {
    response.on('error', () => {})
    if (leave === undefined) response.resume()
    else response.once('data', () => leave(response))
  }).on('error', () => {})
}

const crashing = () =>
  Readable.from(
    (async function* () {
      yield 'half'
      await new Promise(setImmediate)
      throw new Error('model crashed')
    })(),
  )

describe('a response that is closed unfinished', () => {
  it.each<[string, Route, number?]>([
    [
      'a stream that failed into it',
      (seat, response) => {
        void seat.version
        pipeline(crashing(), response, () => {})
      },
    ],
    [
      'its handler, by a bare destroy',
      (seat, response) => {
        void seat.version
        response.write('half', () => response.destroy())
      },
    ],
    [
      'its handler, which destroyed the socket',
      (seat, response, request) => {
        void seat.version
        response.write('half', () => request.socket.destroy())
      },
    ],
    [
      'a timeout of the server',
      (seat, response) => {
        void seat.version
        response.write('half')
      },
      20,
    ],
    ['a timeout of the server while the model runs', (seat) => seat.run(only(() => new Promise(() => {}))), 20],
  ])('by %s is an error', async (_, route, timeoutMs) => {
    const { port, counts } = await open(route, timeoutMs)
    ask(port)
    await expect.poll(counts).toEqual({ 'v2 error': 1 })
  })

  it.each<[string, (response: IncomingMessage) => void]>([
    ['ends the connection', (response) => response.destroy()],
    ['resets it', (response) => response.socket.resetAndDestroy()],
  ])('by a client that %s is aborted', async (_, leave) => {
    const { port, counts } = await open((seat, response) => {
      void seat.version
      response.write('half')
    })
    ask(port, leave)
    await expect.poll(counts).toEqual({ 'v2 aborted': 1 })
  })

  it('by its client is aborted even if a framework then destroys the response with an error', async () => {
    const { port, counts } = await open((seat, response, request) => {
      void seat.version
      request.socket.prependListener('error', () => response.destroy(new Error('the body was closed')))
      response.write('half')
    })
    ask(port, (response) => response.socket.resetAndDestroy())
    await expect.poll(counts).toEqual({ 'v2 aborted': 1 })
  })

  it('is what was recorded of it, if something was', async () => {
    const { port, counts } = await open((seat, response) => {
      seat.record({ outcome: 'timeout' })
      response.write('half', () => response.destroy(new Error('gave up')))
    })
    ask(port)
    await expect.poll(counts).toEqual({ 'v2 timeout': 1 })
  })
})

const only = <Output>(model: () => Output) => ({ baseline: model, canary: model })

describe('a response over HTTP/2 that is closed unfinished', () => {
  const closed = async (onServer: (stream: ServerHttp2Stream) => unknown, code?: number) => {
    const { canary, counts } = await stage()
    const server = createServer2((_request, response) => {
      response.stream.on('error', () => {})
      const seat = requestCanary(canary, nodeTie(response as never), { request: () => ({}), versionHeader: false })
      void seat.version
      response.write('half', () => onServer(response.stream))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const client = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    client.on('error', () => {})
    const request = client.request().on('error', () => {})
    request.once('data', () => code !== undefined && request.close(code))
    await expect.poll(() => Object.keys(counts()).filter((name) => name !== 'v2 in flight').length).toBe(1)
    client.destroy()
    server.close()
    return counts()
  }

  it.each<[string, (stream: ServerHttp2Stream) => unknown]>([
    ['a bare destroy', (stream) => stream.destroy()],
    ['an error', (stream) => stream.destroy(new Error('broken'))],
    ['a reset that says so', (stream) => stream.close(2)],
    ['a reset without an error', (stream) => stream.close()],
    ['a reset like that of a client', (stream) => stream.close(8)],
    ['a time limit of the stream', (stream) => stream.setTimeout(10, () => stream.close())],
    ['the end of its session', (stream) => stream.session?.destroy()],
  ])('on this side by %s is an error', async (_, close) => {
    expect(await closed(close)).toEqual({ 'v2 error': 1 })
  })

  it.each([0, 8])('by its client with code %d is aborted', async (code) => {
    expect(await closed(() => {}, code)).toEqual({ 'v2 aborted': 1 })
  })

  it.each<[string, string, (client: Socket, server: Socket) => unknown]>([
    ['its client, whose connection ends, is aborted', 'v2 aborted', (client) => client.destroy()],
    ['its client, whose connection is reset, is aborted', 'v2 aborted', (client) => client.resetAndDestroy()],
    ['this side, which ends the connection, is an error', 'v2 error', (_, server) => server.destroy()],
  ])('by %s', async (_, outcome, end) => {
    const { canary, counts } = await stage()
    const server = createServer2((_request, response) => {
      response.stream.on('error', () => {})
      const seat = requestCanary(canary, nodeTie(response as never), { request: () => ({}), versionHeader: false })
      const model = () => new Promise<string>(() => {})
      seat.run({ baseline: model, canary: model })
      end(line, ownLine!)
    })
    let ownLine: Socket | undefined
    server.on('connection', (socket: Socket) => {
      ownLine = socket
    })
    server.on('sessionError', () => {})
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const line = createConnection(port, '127.0.0.1').on('error', () => {})
    const client = connect(`http://127.0.0.1:${port}`, { createConnection: () => line })
    client.on('error', () => {})
    client.request().on('error', () => {})
    await expect.poll(() => Object.keys(counts()).filter((name) => name !== 'v2 in flight').length).toBe(1)
    client.destroy()
    server.close()
    expect(counts()).toEqual({ [outcome]: 1 })
  })

  it('by its client is aborted even if a handler then resets the stream', async () => {
    const reset = (stream: ServerHttp2Stream) => stream.on('aborted', () => stream.close(2))
    expect(await closed(reset, 8)).toEqual({ 'v2 aborted': 1 })
  })
})

describe('a websocket', () => {
  /** As websocket middleware does it: the handshake goes over the socket, and the response is one for show. */
  const upgraded = async () => {
    const { canary, counts } = await stage()
    const server = createServer()
    servers.push(server)
    server.on('upgrade', (request, socket) => {
      socket.on('error', () => {})
      socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n')
      const shown = Object.assign(new PassThrough(), {
        statusCode: 200,
        headersSent: false,
        req: request,
        socket: null,
      })
      const seat = requestCanary(canary, nodeTie(shown as never), { request: () => ({}), versionHeader: false })
      void seat.version
      socket.resume()
      socket.on('end', () => socket.end())
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const headers = { connection: 'upgrade', upgrade: 'websocket' }
    const client = get({ port, headers, agent: false }).on('error', () => {})
    const [, socket] = await new Promise<[unknown, import('node:net').Socket]>((resolve) =>
      client.on('upgrade', (response, line) => resolve([response, line as never])),
    )
    expect(counts()).toEqual({ 'v2 in flight': 1 })
    return { counts, socket: socket.on('error', () => {}) }
  }

  it('that closes normally is a success', async () => {
    const { counts, socket } = await upgraded()
    socket.end()
    await expect.poll(counts).toEqual({ 'v2 success': 1 })
  })

  it('whose client lost its connection is aborted', async () => {
    const { counts, socket } = await upgraded()
    socket.resetAndDestroy()
    await expect.poll(counts).toEqual({ 'v2 aborted': 1 })
  })
})

describe('a Node stream', () => {
  const served = async (make: () => Readable) => {
    const staged = await stage()
    return { ...staged, stream: staged.canary.wrap(only(make))() }
  }

  it('that is destroyed with the code of an early close is an error: the code does not say who closed', async () => {
    const error = Object.assign(new Error('Premature close'), { code: 'ERR_STREAM_PREMATURE_CLOSE' })
    const { stream, counts } = await served(() => new Readable({ read: () => stream.destroy(error) }))
    await stream.toArray().catch(() => {})
    expect(counts()).toEqual({ 'v2 error': 1 })
  })

  it('that the model itself aborts is an error', async () => {
    const idle = new AbortController()
    const { stream, counts } = await served(() => Readable.from(crashing(), { signal: idle.signal }))
    const read = stream.toArray().catch(() => {})
    idle.abort()
    await read
    expect(counts()).toEqual({ 'v2 error': 1 })
  })

  it('that closes without an error or an end while it is read is an error', async () => {
    const { stream, counts } = await served(() => new Readable({ read() {} }))
    const read = stream.toArray().catch(() => {})
    setImmediate(() => stream.destroy())
    await read
    expect(counts()).toEqual({ 'v2 error': 1 })
  })

  it('under a cancelled web stream is aborted', async () => {
    const { stream, counts } = await served(() => Readable.from(['a', 'b', 'c']))
    const web = Readable.toWeb(stream)
    await web.getReader().cancel()
    await expect.poll(counts).toEqual({ 'v2 aborted': 1 })
  })

  it('that is piped into a response which is destroyed here is an error, by its client aborted', async () => {
    const endless = () => new Readable({ read: () => {} }).on('error', () => {})
    const { canary, counts } = await stage()
    const generate = canary.wrap(only(endless))
    const server = createServer((request, response) => {
      const stream = generate()
      stream.pipe(response)
      stream.push('half')
      if (request.url === '/destroy') setImmediate(() => response.destroy())
    })
    servers.push(server)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    get({ port, path: '/destroy', agent: false }).on('error', () => {})
    await expect.poll(counts).toEqual({ 'v2 error': 1 })
    ask(port, (response) => response.destroy())
    await expect.poll(counts).toEqual({ 'v2 error': 1, 'v2 aborted': 1 })
  })
})
