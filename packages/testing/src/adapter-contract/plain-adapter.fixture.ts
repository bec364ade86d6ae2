import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { pipeline } from 'node:stream'
import type { Canary } from '@model-canary/core'
import {
  type CanaryRoutesOptions,
  canaryOf,
  type NodeRoutesOptions,
  nodeRoutes,
  nodeTie,
  type RequestCanary,
  type RequestCanaryOptions,
  requestCanary,
  resolveMiddleware,
  seat,
} from '@model-canary/core/adapter'
import type { AdapterHarness, AdapterSetup, MountedCanary, MountedRoutes } from './setup.js'

/** A request of `node:http`, with what the adapter leaves on it. */
export type PlainRequest = IncomingMessage & { canary: RequestCanary }

/** The parts of the adapter that a test can replace by a broken one. */
export interface AdapterParts {
  readonly requestCanary: (
    canary: Canary,
    response: ServerResponse,
    options: RequestCanaryOptions,
  ) => RequestCanary | Promise<RequestCanary>
  readonly seat: (request: PlainRequest, canary: Canary, made: RequestCanary) => RequestCanary
  readonly nodeRoutes: (
    canary: MountedRoutes['canary'],
    options: NodeRoutesOptions<PlainRequest>,
  ) => (request: PlainRequest, response: ServerResponse) => Promise<boolean>
  readonly onError: (error: unknown, setup: AdapterSetup) => void
}

const RIGHT: AdapterParts = {
  requestCanary: (canary, response, options) => requestCanary(canary, nodeTie(response), options),
  seat: (request, canary, made) => seat(request, canary, () => made),
  nodeRoutes,
  onError: (error, setup) => setup.onError(error),
}

/** An adapter for no framework at all: what the contract asks for, on `node:http`. */
export const plainAdapter =
  (broken: Partial<AdapterParts> = {}) =>
  (setup: AdapterSetup): AdapterHarness => {
    const parts = { ...RIGHT, ...broken }
    const scopes = [...setup.nested, { path: '', canaries: [], routes: setup.routes }]
    const middleware = (mounted: readonly MountedCanary[]) =>
      mounted.map(({ canary, options }) => ({ canary, ...resolveMiddleware('plain', canary, options) }))
    const outer = middleware(setup.canaries)
    const routers = scopes.map((scope) => ({ ...scope, inner: middleware(scope.canaries) }))
    const operated = setup.operated.map(({ path, canary, options }) =>
      parts.nodeRoutes(canary, { ...(options as CanaryRoutesOptions<PlainRequest>), prefix: path }),
    )

    const serve = async (request: PlainRequest, response: ServerResponse): Promise<void> => {
      const [path = ''] = (request.url ?? '').split('?')
      const pass = async (passed: ReturnType<typeof middleware>) => {
        for (const { canary, routingOf, versionHeader } of passed) {
          const options = { request: () => routingOf(request), versionHeader }
          request.canary = parts.seat(request, canary, await parts.requestCanary(canary, response, options))
        }
      }
      await pass(outer)
      for (const routes of operated) if (await routes(request, response)) return
      for (const { path: mountPoint, routes, inner } of routers) {
        const route = routes.find((candidate) => mountPoint + candidate.path === path)
        if (route === undefined) continue
        await pass(inner)
        const of = (canary: Canary) => canaryOf(request, canary)
        const { status = 200, body } = await route.answer({ request, canary: request.canary, canaryOf: of })
        response.writeHead(status)
        if (typeof body === 'string') return void response.end(body)
        return void pipeline(body, response, () => {})
      }
      response.writeHead(404).end()
    }

    const server = createServer((request, response) => {
      serve(request as PlainRequest, response).catch((error: unknown) => {
        parts.onError(error, setup)
        response.writeHead(500).end('failed')
      })
    })
    return { server }
  }
