import type { ServerResponse } from 'node:http'
import { onTestFinished } from 'vitest'
import { createKube, type KubeOptions } from './create-kube.js'
import { hurriedClock } from './hurried-clock.fixture.js'
import type { KubeEvent } from './kube.js'
import { ADDRESS, type SeenRequest, sendJson, startServer } from './server.fixture.js'

/** One answer to a list or a watch. */
export type Answer = (response: ServerResponse, request: SeenRequest) => void

/** A list as a server returns it for a custom resource. */
export const list = (version: string, ...items: object[]): Answer => {
  const body = {
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualServiceList',
    metadata: { resourceVersion: version },
    items,
  }
  return (response) => sendJson(response, 200, body)
}

/** An error, or another answer that is not a stream. */
export const refuse =
  (status: number, body: object = {}): Answer =>
  (response) =>
    sendJson(response, status, body)

/** One line of a watch. */
export const eventLine = (type: string, object: object) => `${JSON.stringify({ type, object })}\n`

/** A watch that sends these lines and stays open. */
export const open =
  (...lines: string[]): Answer =>
  (response) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    response.flushHeaders()
    for (const line of lines) response.write(line)
  }

/** A watch that sends these lines and ends. */
export const ended =
  (...lines: string[]): Answer =>
  (response) =>
    response.writeHead(200).end(lines.join(''))

/** A watch that sends these lines and is cut, possibly in the middle of a line. */
export const cut =
  (...lines: string[]): Answer =>
  (response) => {
    response.writeHead(200)
    response.write(lines.join(''), () => setImmediate(() => response.destroy()))
  }

/** Watches the object on a server that gives these answers in order, and then only open watches. */
export async function stage(answers: readonly Answer[], options: KubeOptions = {}) {
  const server = await startServer((response, request, nth) => (answers[nth] ?? open())(response, request))
  const clock = hurriedClock()
  const kube = createKube(
    { server: server.url, credentials: async () => ({ token: 'secret' }) },
    { clock, timeoutMs: 60_000, random: () => 0.5, ...options },
  )
  const told: string[] = []
  const stop = kube.watch(ADDRESS, (event) => told.push(inWords(event)))
  onTestFinished(stop)
  const asked = () => server.requests.map(({ url }) => shortly(url))
  return { server, clock, kube, told, stop, asked }
}

/** An event as text, such as `present 7`. */
export function inWords(event: KubeEvent): string {
  if (event.type === 'present') return `present ${event.object.metadata.resourceVersion}`
  return event.type === 'gone' ? 'gone' : `failed ${event.error.code}`
}

/** `list`, or `watch` with the version from which it continues. */
function shortly(url: string): string {
  const { searchParams } = new URL(url, 'http://server')
  return searchParams.has('watch') ? `watch ${searchParams.get('resourceVersion')}` : 'list'
}
