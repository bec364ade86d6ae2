import { createServer, type ServerResponse } from 'node:http'
import { createServer as createServer2, type Http2ServerResponse } from 'node:http2'
import { pipeline, Readable } from 'node:stream'
import { nodeTie, requestCanary } from '@model-canary/core/adapter'
import { describe, expect, it } from 'vitest'
import { ALL_CELLS, CELLS, pairsOf, pairwise } from './promise/cells.js'
import type { Sent } from './promise/client.js'
import { overHttp, type Reach } from './promise/play.js'
import {
  callOf,
  endSockets,
  keyOf,
  type MountService,
  type Output,
  raced,
  type ServiceParts,
} from './promise/service.js'
import { promiseOf } from './promise/suite.js'

describe('the cells', () => {
  it('are as many as were written down', () => {
    expect([ALL_CELLS, pairwise(ALL_CELLS)].map(({ length }) => length)).toEqual([2170, 272])
  })

  it('hold every pair that is possible', () => {
    const held = new Set(CELLS.flatMap(pairsOf))
    expect(ALL_CELLS.flatMap(pairsOf).filter((pair) => !held.has(pair))).toEqual([])
  })
})

type AnyResponse = ServerResponse | Http2ServerResponse

async function respond(response: AnyResponse, output: Output): Promise<void> {
  if (response.writableEnded) return
  if (output instanceof Response) {
    response.statusCode = output.status
    response.end(await output.text())
  } else if (typeof output === 'string') response.end(output)
  else pipeline(Readable.from(output), response as ServerResponse, () => {})
}

const listener =
  (parts: ServiceParts) =>
  async (request: { headers: Record<string, string | string[] | undefined> }, response: AnyResponse) => {
    const key = keyOf(request.headers)
    const seat = requestCanary(parts.canary, nodeTie(response as ServerResponse), {
      request: () => ({ key }),
      versionHeader: 'x-model-version',
    })
    if (parts.limit === 'server') parts.afterLimit(() => endByServer(response))
    try {
      const running = seat.run({ ...parts.models, ...parts.serving }, callOf(request.headers))
      await respond(response, await raced(parts, running))
    } catch (error) {
      response.statusCode = (error as { status?: number }).status ?? 500
      response.end(String(error))
    }
  }

/** What the timeout of a server does: the event of a socket, and what applications do for that of a stream. */
function endByServer(response: AnyResponse): void {
  if (response.writableEnded) return
  if ('stream' in response) response.stream.close()
  else response.socket?.emit('timeout')
}

const mountHttp: MountService = (parts) => {
  const server = createServer(listener(parts))
  endSockets(parts, server)
  return { server }
}

const mountHttp2: MountService = (parts) => ({ server: createServer2(listener(parts)) })

promiseOf('node:http', overHttp(mountHttp, false))
promiseOf('node:http2', overHttp(mountHttp2, true))

/** Calls a function, and reads what it returns. */
const inProcess =
  (callBy: (parts: ServiceParts) => (call: number, key: string | undefined) => unknown): Reach =>
  async (parts) => {
    const predict = callBy(parts)
    const open = new Set<number>()
    return {
      send(call, key): Sent {
        open.add(call)
        let iterator: AsyncIterator<string> | undefined
        const read = async () => {
          try {
            const output = (await raced(parts, predict(call, key) as Promise<Output>)) as Output
            if (output instanceof Response) return { status: output.status, text: await output.text() }
            if (typeof output === 'string') return { status: 200, text: output }
            iterator = output[Symbol.asyncIterator]()
            let text = ''
            for (let next = await iterator.next(); !next.done; next = await iterator.next()) text += next.value
            return { status: 200, text }
          } catch {
            return null
          } finally {
            open.delete(call)
          }
        }
        return {
          reply: read(),
          leave() {
            open.delete(call)
            void iterator?.return?.()
          },
        }
      },
      isDoneWith: (calls) => !calls.some((call) => open.has(call)),
      close: async () => {},
    }
  }

promiseOf(
  'canary.run',
  inProcess(
    ({ canary, models, serving }) =>
      (call, key) =>
        canary.run({ key }, (flight) => models[flight.variant](call), serving as object),
  ),
)

promiseOf(
  'canary.wrap',
  inProcess(({ canary, models, serving }) => {
    const predict = canary.wrap(
      {
        baseline: (call: number, _key: string | undefined) => models.baseline(call),
        canary: (call: number, _key: string | undefined) => models.canary(call),
      },
      { ...(serving as object), key: (_call, key) => key },
    )
    return (call, key) => predict(call, key)
  }),
)
