import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { createPatience } from '../adapter-contract/patience.js'
import { fakeKubeApi } from '../fake-kube-api.js'
import { type Answer, type Asked, createKubeClient, type KubeClient } from './client.js'
import type { KubeApiServer } from './server.js'

/** An event of a watch, as loosely as a breakage needs it. */
export interface LooseEvent {
  readonly type: string
  readonly object: { readonly metadata?: object; readonly [member: string]: unknown }
}

/** What is wrong with a server: how it mistakes requests, answers and events. */
export interface Breakage {
  request?(asked: Asked): Asked
  answer?(answer: Answer, asked: Asked): Answer
  /** The event as it is told; `undefined` where it is kept back. */
  event?(event: LooseEvent, asked: Asked): LooseEvent | undefined
  readonly cutsWatches?: boolean
}

/** The fake behind a proxy that breaks it. */
export async function brokenServer(breakage: Breakage): Promise<KubeApiServer> {
  const api = await fakeKubeApi()
  const client = createKubeClient({ ...api, namespace: 'default' }, createPatience(5_000))
  const proxy = createServer((request, response) => {
    pass(breakage, client, request, response).catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  const { port } = proxy.address() as AddressInfo

  return {
    url: `http://127.0.0.1:${port}`,
    token: api.token,
    namespace: 'default',
    async close() {
      proxy.closeAllConnections()
      await new Promise((resolve) => proxy.close(resolve))
      await api.close()
    },
  }
}

async function pass(breakage: Breakage, client: KubeClient, request: IncomingMessage, response: ServerResponse) {
  const asked = await read(request)
  const passed = breakage.request?.(asked) ?? asked
  if (asked.path.includes('watch=true')) return passEvents(breakage, await client.open(passed), response, asked)
  const given = await client.send(passed)
  const { status, contentType, body } = breakage.answer?.(given, asked) ?? given
  response.writeHead(status, { 'content-type': contentType })
  response.end(typeof body === 'string' ? body : JSON.stringify(body))
}

async function passEvents(breakage: Breakage, watch: IncomingMessage, response: ServerResponse, asked: Asked) {
  response.on('close', () => watch.destroy())
  response.writeHead(watch.statusCode ?? 0, { 'content-type': 'application/json' }).flushHeaders()
  watch.on('error', () => {})
  for await (const chunk of watch.setEncoding('utf8') as AsyncIterable<string>) {
    for (const line of chunk.split('\n').filter(Boolean)) {
      const event = JSON.parse(line) as LooseEvent
      const told = breakage.event === undefined ? event : breakage.event(event, asked)
      if (told !== undefined) response.write(`${JSON.stringify(told)}\n`)
    }
  }
  if (breakage.cutsWatches) response.destroy()
  else response.end()
}

async function read(request: IncomingMessage): Promise<Asked> {
  const { method = 'GET', url: path = '/', headers } = request
  const body = await text(request)
  return {
    method,
    path,
    ...(body === '' ? {} : { body: parsed(body), contentType: headers['content-type'] ?? '' }),
    token: headers.authorization?.replace('Bearer ', '') ?? '',
  }
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return body
  }
}
