import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A server that listens. */
export interface Listening {
  readonly server: Server
  readonly port: number
  /** Closes it at once, including idle and unanswered connections. */
  readonly close: () => Promise<void>
}

/** Longer than clients keep a connection. A shorter one may be closed while a request is on its way. */
const KEEP_ALIVE_MS = 65_000

/** Listens on this machine only. Rejects if the port is not available. */
export async function listen(handler: RequestListener, port: number): Promise<Listening> {
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, handler)
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return {
    server,
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** Returns why a server does not listen, in a sentence for the person who started it. */
export function whyNotListening(error: NodeJS.ErrnoException, port: number): string {
  if (error.code === 'EADDRINUSE') return `Port ${port} is already in use; free it, or pass another one: --port 3001`
  if (error.code === 'EACCES') return `Port ${port} may not be used by this account; pass another one: --port 3001`
  return `The service cannot listen on port ${port}: ${error.message}`
}
