import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

/** A function that is called at the end of a test. */
export type Closer = () => unknown

/** A server on a free port of loopback. */
export async function listen(
  listener: RequestListener,
  closers: Closer[],
): Promise<{ server: Server; address: string }> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closers.push(() => {
    server.closeAllConnections()
    return new Promise((resolve) => server.close(resolve))
  })
  return { server, address: `127.0.0.1:${(server.address() as AddressInfo).port}` }
}

/** The parameters of a query. */
export interface Asked {
  readonly path: string
  readonly query: string
  readonly atMs: number
  readonly headers: IncomingMessage['headers']
}

/** One series of a fake answer. */
export interface MadeSeries {
  readonly labels?: Readonly<Record<string, string>>
  readonly samples: readonly (readonly [atMs: number, value: number | string])[]
}

/** A fake Prometheus that answers with invented series, cut to the requested time and range. */
export async function madePrometheus(
  seriesOf: (query: string) => readonly MadeSeries[] | Promise<readonly MadeSeries[]>,
  closers: Closer[],
): Promise<{ readonly url: string; readonly asked: Asked[] }> {
  const asked: Asked[] = []
  const { address } = await listen(async (request, response) => {
    const form = new URLSearchParams(await text(request))
    const query = form.get('query') ?? ''
    const atMs = Number(form.get('time')) * 1_000
    asked.push({ path: request.url ?? '', query, atMs, headers: request.headers })
    const [, inner = '', rangeMs = '0'] = /^(.*)\[(\d+)ms(?::\d+ms)?\]$/s.exec(query) ?? []
    const result = (await seriesOf(inner)).map(({ labels = {}, samples }) => ({
      metric: inner.startsWith('(') ? labels : { __name__: inner, ...labels },
      values: samples
        .filter(([at]) => at <= atMs && at >= atMs - Number(rangeMs))
        .map(([at, value]) => [at / 1_000, String(value)]),
    }))
    const data = { resultType: 'matrix', result: result.filter(({ values }) => values.length > 0) }
    response.end(JSON.stringify({ status: 'success', data }))
  }, closers)
  return { url: `http://${address}`, asked }
}
