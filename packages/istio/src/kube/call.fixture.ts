import { createKube, type KubeOptions } from './create-kube.js'
import type { KubeConnection } from './credentials.js'
import { hurriedClock } from './hurried-clock.fixture.js'
import { type Respond, startServer } from './server.fixture.js'

/** The token that the client sends, which must not occur in messages. */
export const TOKEN = 'a-token-that-nobody-may-see'

/** The connection to a server, with that token. */
export const connect = (server: string): KubeConnection => ({ server, credentials: async () => ({ token: TOKEN }) })

/** A client of a server that answers by a function, with pauses of half their bound. */
export async function stage(respond: Respond, options: KubeOptions = {}) {
  const server = await startServer(respond)
  const clock = hurriedClock()
  const kube = createKube(connect(server.url), { clock, random: () => 0.5, timeoutMs: 60_000, ...options })
  return { server, clock, kube }
}

/** Returns the error that a promise rejects with. */
export const errorOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'no error',
    (error: unknown) => error,
  )
