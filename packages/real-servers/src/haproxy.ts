import { writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { findServer } from './find-server.js'
import { freePorts } from './free-ports.js'
import { type RunningServer, startServer } from './running-server.js'

/** Options of an HAProxy. */
export interface HaproxyOptions {
  /** Returns the configuration, given free ports, without the runtime socket. */
  readonly config: (ports: readonly number[]) => string
  /** How many free ports the configuration needs. @default 1 */
  readonly portCount?: number
  /** The path of the program. @default the one that `findServer` finds */
  readonly command?: string
}

/** A running HAProxy, in the foreground and without a master process. */
export interface RunningHaproxy extends RunningServer {
  readonly ports: readonly number[]
  /** The path of its runtime socket. */
  readonly socket: string
  /** Sends one command to the runtime socket, such as `show stat`, and resolves to the answer. */
  runtime(command: string): Promise<string>
}

/** Starts an HAProxy on free ports, and waits until its runtime socket answers. */
export async function startHaproxy(options: HaproxyOptions): Promise<RunningHaproxy> {
  const { config, portCount = 1, command = findServer('haproxy') } = options
  if (command === undefined) throw new Error('there is no haproxy; describe the tests with realServer')
  const ports = await freePorts(portCount)
  const socketIn = (folder: string) => join(folder, 'runtime.sock')
  const server = await startServer({
    command,
    args(folder) {
      const file = join(folder, 'haproxy.cfg')
      writeFileSync(file, `global\n  stats socket ${socketIn(folder)} mode 600 level admin\n${config(ports)}\n`)
      return ['-db', '-f', file]
    },
    isReady: async (folder) => (await ask(socketIn(folder), 'show info')).includes('Uptime'),
  })
  const socket = socketIn(server.folder)
  return { ...server, ports, socket, runtime: (line) => ask(socket, line) }
}

async function ask(socket: string, command: string): Promise<string> {
  const connection = connect(socket)
  connection.write(`${command}\n`)
  return (await text(connection)).trim()
}
