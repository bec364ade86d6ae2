import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer, type ServerOptions } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { onTestFinished } from 'vitest'
import type { KubeAddress, KubeObject } from './kube.js'

/** A request as the server received it. */
export interface SeenRequest {
  readonly method: string
  readonly url: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

/** A server on loopback that is stopped after the test. */
export interface TestServer {
  readonly url: string
  readonly port: number
  readonly requests: readonly SeenRequest[]
  /** Every connection that was ever made. */
  readonly sockets: readonly Socket[]
}

export type Respond = (response: ServerResponse, request: SeenRequest, nth: number) => void

/** Starts a server that answers by a function; `nth` counts the requests from 0. */
export async function startServer(respond: Respond, tls?: ServerOptions): Promise<TestServer> {
  const requests: SeenRequest[] = []
  const sockets: Socket[] = []
  const onRequest = async (request: IncomingMessage, response: ServerResponse) => {
    let body = ''
    for await (const chunk of request.setEncoding('utf8')) body += chunk
    const seen = { method: request.method ?? '', url: request.url ?? '', headers: request.headers, body }
    respond(response, seen, requests.push(seen) - 1)
  }
  const server: Server = tls === undefined ? createServer(onRequest) : createTlsServer(tls, onRequest)
  server.on('connection', (socket: Socket) => sockets.push(socket.on('error', () => {})))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  )
  const { port } = server.address() as AddressInfo
  return { url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`, port, requests, sockets }
}

/** Answers with JSON. */
export function sendJson(response: ServerResponse, status: number, body: unknown, headers = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
}

/** The object that the tests read. */
export const ADDRESS: KubeAddress = {
  group: 'networking.istio.io',
  version: 'v1',
  plural: 'virtualservices',
  namespace: 'default',
  name: 'sentiment',
}

export const PATH = '/apis/networking.istio.io/v1/namespaces/default/virtualservices/sentiment'

/** The object at a version, as a server would send it. */
export function objectAt(resourceVersion: string, more: object = {}): KubeObject {
  return {
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualService',
    metadata: { name: 'sentiment', namespace: 'default', resourceVersion },
    ...more,
  }
}
