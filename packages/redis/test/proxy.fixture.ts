import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** A proxy for TCP on loopback that fails in the ways of a network. */
export interface FaultyProxy {
  readonly port: number
  /** From now on nothing goes through, and nothing is closed: as behind a firewall that drops packets. */
  swallow(): void
  /** From now on requests go through, and answers are lost. */
  mute(): void
  /** Everything goes through again. Connections that have lost something are reset. */
  heal(): void
  close(): Promise<void>
}

/** How a proxy treats what it receives. */
type Mode = 'open' | 'swallow' | 'mute'

/** Starts a proxy in front of a port. */
export async function startProxy(target: number): Promise<FaultyProxy> {
  let mode: Mode = 'open'
  const sockets = new Set<Socket>()
  const damaged = new Set<Socket>()

  const join = (from: Socket, to: Socket, lost: (mode: Mode) => boolean): void => {
    sockets.add(from)
    from.on('data', (bytes) => {
      if (lost(mode)) damaged.add(from).add(to)
      else to.write(bytes)
    })
    from.on('error', () => {})
    from.on('close', () => {
      sockets.delete(from)
      to.destroy()
    })
  }

  const server = createServer((client) => {
    const upstream = connect(target, '127.0.0.1')
    join(client, upstream, (now) => now === 'swallow')
    join(upstream, client, (now) => now !== 'open')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')

  return {
    port: (server.address() as AddressInfo).port,
    swallow: () => void (mode = 'swallow'),
    mute: () => void (mode = 'mute'),
    heal() {
      mode = 'open'
      for (const socket of damaged) socket.resetAndDestroy()
      damaged.clear()
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
