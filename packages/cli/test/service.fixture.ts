import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Canary, type CanaryOptions, createCanary, linearPlan } from '@model-canary/core'
import { type NodeRoutesOptions, nodeRoutes } from '@model-canary/core/adapter'
import { onTestFinished } from 'vitest'

/** A service with routes on a loopback port. */
export interface Service {
  /** The address of the routes. */
  readonly url: string
  readonly canary: Canary
  /** The requests that came, as method and path, with what the tests look at. */
  readonly requests: readonly SeenRequest[]
  /** Answers the next requests in place of the routes, one each. */
  readonly interfere: (...answers: readonly Interference[]) => void
  /** Answers all requests of a route in place of the routes. */
  readonly replace: (route: string, answer: Interference) => void
}

/** A request as it came. */
export interface SeenRequest {
  readonly line: string
  readonly headers: IncomingMessage['headers']
}

/** What happens to a request; the routes are called by `pass`. */
export type Interference = (request: IncomingMessage, response: ServerResponse, pass: () => Promise<unknown>) => unknown

/** The token that the service takes. */
export const TOKEN = 'open-sesame'

/** The options of a service. */
export interface ServiceOptions {
  readonly canary?: Partial<CanaryOptions>
  readonly routes?: NodeRoutesOptions<IncomingMessage>
  /** The names of canaries that share the address; one without a name of its own unless given. */
  readonly names?: readonly string[]
}

/** Makes a canary that has started, and stays at its first step. */
async function started(name: string, options: Partial<CanaryOptions> = {}): Promise<Canary> {
  const canary = createCanary({
    name,
    versions: { baseline: 'v1', canary: 'v2' },
    plan: linearPlan([10, 50, 100], { minDurationMs: 86_400_000 }),
    warmUp: { durationMs: 0 },
    logger: false,
    ...options,
  })
  await canary.start()
  onTestFinished(() => canary.close())
  return canary
}

/** Starts a service; it ends with the test. */
export async function service({ canary: options, routes: given, names }: ServiceOptions = {}): Promise<Service> {
  const canaries = await Promise.all((names ?? ['sentiment']).map((name) => started(name, options)))
  const routes = nodeRoutes<IncomingMessage>(names === undefined ? canaries[0]! : canaries, {
    authorize: ({ headers }) => (headers.authorization === `Bearer ${TOKEN}` ? { actor: 'ada' } : false),
    ...given,
  })
  const requests: SeenRequest[] = []
  const queue: Interference[] = []
  const replaced = new Map<string, Interference>()
  const server = createServer(async (request, response) => {
    requests.push({ line: `${request.method} ${request.url}`, headers: request.headers })
    const pass = async () => {
      if (!(await routes(request, response))) response.writeHead(404).end()
    }
    await (replaced.get(request.url ?? '') ?? queue.shift() ?? ((_request, _response, go) => go()))(
      request,
      response,
      pass,
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/canary`,
    canary: canaries[0]!,
    requests,
    interfere: (...answers) => queue.push(...answers),
    replace: (route, answer) => replaced.set(`/canary/${route}`, answer),
  }
}
