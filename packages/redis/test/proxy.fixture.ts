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
  /**
   * Stops a connection before a request that fits, and keeps the request and what follows it. Resolves when that has
   * happened.
   */
  holdFrom(fits: (request: string) => boolean): Promise<void>
  /** Sends what was kept, also if its sender is gone. */
  release(): void
  /** Throws away what was kept. */
  drop(): void
  /** Returns the end of all answers so far. */
  answers(): string
  close(): Promise<void>
}

/** How a proxy treats what it receives. */
type Mode = 'open' | 'swallow' | 'mute'

/** How much of the answers is kept, in UTF-16 units. */
const LONGEST_ANSWERS = 20_000

/** Starts a proxy in front of a port. */
export async function startProxy(target: number): Promise<FaultyProxy> {
  let mode: Mode = 'open'
  let answers = ''
  const sockets = new Set<Socket>()
  const damaged = new Set<Socket>()
  const holding = createHolding()

  const join = (from: Socket, to: Socket, pass: (bytes: Buffer) => void, lost: (mode: Mode) => boolean): void => {
    sockets.add(from)
    from.on('data', (bytes) => {
      if (lost(mode)) damaged.add(from).add(to)
      else pass(bytes)
    })
    from.on('error', () => {})
    from.on('close', () => {
      sockets.delete(from)
      if (!holding.isHeld(to)) to.destroy()
    })
  }

  const server = createServer((client) => {
    const upstream = connect(target, '127.0.0.1')
    const answer = (bytes: Buffer): void => {
      answers = (answers + bytes).slice(-LONGEST_ANSWERS)
      client.write(bytes)
    }
    join(
      client,
      upstream,
      (bytes) => holding.send(bytes, upstream),
      (now) => now === 'swallow',
    )
    join(upstream, client, answer, (now) => now !== 'open')
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
    holdFrom: holding.from,
    release: () => holding.end((to, bytes) => to.write(bytes)),
    drop: () => holding.end((to) => to.destroy()),
    answers: () => answers,
    async close() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

/** What a proxy keeps back. */
interface Holding {
  from: FaultyProxy['holdFrom']
  isHeld(to: Socket): boolean
  /** Sends a request, unless it is to be kept. */
  send(bytes: Buffer, to: Socket): void
  /** Keeps nothing any more. */
  end(each: (to: Socket, bytes: Buffer) => void): void
}

function createHolding(): Holding {
  const held = new Map<Socket, Buffer[]>()
  let wanted: { readonly fits: (request: string) => boolean; readonly found: () => void } | undefined
  return {
    from: (fits) =>
      new Promise((found) => {
        wanted = { fits, found }
      }),
    isHeld: (to) => held.has(to),
    send(bytes, to) {
      if (wanted?.fits(String(bytes))) {
        held.set(to, [])
        wanted.found()
        wanted = undefined
      }
      const kept = held.get(to)
      if (kept === undefined) to.write(bytes)
      else kept.push(bytes)
    },
    end(each) {
      for (const [to, kept] of held) each(to, Buffer.concat(kept))
      held.clear()
    },
  }
}
