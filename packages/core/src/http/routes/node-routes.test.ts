import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { expect, it, onTestFinished } from 'vitest'
import { stage } from '../../serving/stage.fixture.js'
import { type NodeRoutesOptions, nodeRoutes } from './node-routes.js'

/** Returns a promise, and a function that gives it what it settles with. */
function kept<Value>() {
  let keep: (value: Promise<Value>) => void = () => {}
  const promise = new Promise<Value>((resolve) => {
    keep = resolve
  })
  return { promise, keep }
}

/** Opens a plain server. */
async function serverOf(listener: RequestListener) {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const ask = async (path: string, init?: RequestInit) => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, init)
    return { status: answer.status, type: answer.headers.get('content-type'), body: await answer.text() }
  }
  return { server, port, ask }
}

/** Opens a plain server with the routes of a canary. */
async function served(options: NodeRoutesOptions<IncomingMessage> = {}) {
  const { canary } = await stage()
  const routes = nodeRoutes(canary, options)
  const failures: unknown[] = []
  const opened = await serverOf((request, response) => {
    routes(request, response)
      .then((isAnswered) => isAnswered || response.writeHead(404).end('mine'))
      .catch((error: unknown) => failures.push(error))
  })
  return { canary, failures, ...opened }
}

it('serves a rollout on a server without a framework', async () => {
  const { canary, ask } = await served({ authorize: ({ headers }) => headers.authorization === 'Bearer s' })
  const status = await ask('/canary/status?x=1')
  expect([status.status, status.type]).toEqual([200, 'application/json; charset=utf-8'])
  expect(JSON.parse(status.body)).toMatchObject({ name: 'stage' })
  expect(await ask('/canary/explain')).toMatchObject({ status: 200, body: `${canary.explain()}\n` })
  const headers = { authorization: 'Bearer s', 'content-type': 'application/json' }
  expect(await ask('/canary/pause', { method: 'POST', headers, body: '{"reason":"lunch"}' })).toMatchObject({
    status: 200,
  })
  expect(canary.status()).toMatchObject({ state: 'paused' })
  expect(await ask('/canary/status', { method: 'HEAD' })).toMatchObject({ status: 200, body: '' })
})

it('leaves every other path to the server', async () => {
  const { ask } = await served()
  for (const path of ['/', '/canary', '/canaries/status', '/canary/none', '/status']) {
    expect(await ask(path)).toMatchObject({ status: 404, body: 'mine' })
  }
})

it.each(['/', '/ops', '/ops/'])('has the prefix %j', async (prefix) => {
  const { ask } = await served({ prefix })
  expect(await ask(`${prefix.replace(/\/$/, '')}/status`)).toMatchObject({ status: 200 })
})

it.each(['ops', '', 7])('refuses the prefix %j', async (prefix) => {
  const { canary } = await stage()
  expect(() => nodeRoutes(canary, { prefix: prefix as string })).toThrow('nodeRoutes: prefix must be a path')
})

it('lets its server close while a client reads the events, however long connections are kept', async () => {
  const { port, server } = await served()
  server.keepAliveTimeout = 65_000
  const socket = connect(port, '127.0.0.1')
  socket.write('GET /canary/events HTTP/1.1\r\nhost: x\r\n\r\n')
  await once(socket, 'data')
  const closed = once(server, 'close')
  server.close()
  await text(socket)
  await closed
})

it.each(['status', 'events'])('sends no %s, and does not reject, if the server has answered itself', async (path) => {
  const { canary } = await stage()
  let answerItself = () => {}
  const authorize = async () => {
    answerItself()
    await Promise.resolve()
    return true
  }
  const routes = nodeRoutes(canary, { authorizeReads: true, authorize })
  const { promise, keep } = kept<boolean>()
  const { ask } = await serverOf((request, response) => {
    answerItself = () => response.writeHead(503).end('too slow')
    keep(routes(request, response))
  })
  expect(await ask(`/canary/${path}`)).toMatchObject({ status: 503, body: 'too slow' })
  expect(await promise).toBe(true)
})

it('does not reject where a response cannot be written', async () => {
  const { canary } = await stage()
  const routes = nodeRoutes(canary)
  const { promise, keep } = kept<boolean>()
  const { ask } = await serverOf((request, response) => {
    response.writeHead = () => {
      throw new Error('a hook of the service failed')
    }
    keep(routes(request, response))
  })
  await expect(ask('/canary/status')).rejects.toThrow('fetch failed')
  expect(await promise).toBe(true)
})

it('does not reject where a client leaves in the middle of a body', async () => {
  const { canary, port, ask, failures } = await served({ authorize: () => true })
  const socket = connect(port, '127.0.0.1')
  const head = ['POST /canary/rollback HTTP/1.1', 'host: x', 'content-type: application/json', 'content-length: 99']
  socket.write(`${head.join('\r\n')}\r\n\r\n{"reason":`)
  socket.end()
  await text(socket).catch(() => {})
  expect(await ask('/canary/status')).toMatchObject({ status: 200 })
  expect([failures, canary.status().state]).toEqual([[], 'progressing'])
})
