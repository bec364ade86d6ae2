import { once } from 'node:events'
import { connect } from 'node:net'
import { findServer } from './find-server.js'
import { freePorts } from './free-ports.js'
import { type RunningServer, startServer } from './running-server.js'
import type { ServerName } from './server-names.js'

/** Options of a Redis or a Valkey. */
export interface RedisOptions {
  /** Which program to run. @default 'redis-server' */
  readonly program?: Extract<ServerName, 'redis-server' | 'valkey-server'>
  /** Further arguments, such as `['--maxmemory', '3mb']`. */
  readonly flags?: readonly string[]
  /** The port, to restart a server where the former one was. @default a free one */
  readonly port?: number
  /** The path of the program. @default the one that `findServer` finds */
  readonly command?: string
}

/** A running Redis or Valkey, empty, on loopback. It writes nothing to disk unless the flags say so. */
export interface RunningRedis extends RunningServer {
  readonly port: number
  /** Sends one command on a connection of its own, and resolves to the answer as it came over the wire. */
  command(...words: readonly string[]): Promise<string>
}

/** Starts a Redis or a Valkey, and waits until it answers. */
export async function startRedis(options: RedisOptions = {}): Promise<RunningRedis> {
  const { program = 'redis-server', flags = [], command = findServer(program) } = options
  if (command === undefined) throw new Error(`there is no ${program}; describe the tests with realServer`)
  const port = options.port ?? (await freePorts(1))[0]!
  const server = await startServer({
    command,
    args: () => ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', ...flags],
    isReady: async () => (await ask(port, ['PING'])) === '+PONG\r\n',
  })
  return { ...server, port, command: (...words) => ask(port, words) }
}

async function ask(port: number, words: readonly string[]): Promise<string> {
  const connection = connect(port, '127.0.0.1')
  try {
    connection.write(
      `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`,
    )
    const [answer] = await once(connection, 'data')
    return String(answer)
  } finally {
    connection.destroy()
  }
}
