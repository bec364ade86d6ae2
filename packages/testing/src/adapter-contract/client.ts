import { Agent, type IncomingHttpHeaders, type IncomingMessage, type OutgoingHttpHeaders, request } from 'node:http'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import type { Patience } from './patience.js'

/** The answer that a client received. */
export interface ClientAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** The request that a client sends. */
export interface ClientRequest {
  readonly method?: string
  readonly headers?: OutgoingHttpHeaders
  readonly body?: string
  /** Reuses its sockets. Without an agent, every request has its own socket. */
  readonly agent?: Agent
}

/** A request in progress whose client can leave at any time. */
export interface OpenRequest {
  /** Resolves to the response when its head has arrived. */
  readonly response: Promise<IncomingMessage>
  /** Closes the connection abruptly. */
  leave(): void
}

/** A client over real sockets. */
export interface Client {
  /** Sends a request and reads the whole answer. Rejects if the answer is cut off. */
  send(path: string, request?: ClientRequest): Promise<ClientAnswer>
  /** Sends a request and leaves the answer to the caller. */
  open(path: string, request?: ClientRequest): OpenRequest
  /** Writes bytes to a new socket, and leaves the answer to the caller. */
  raw(bytes: string): RawConnection
}

/** A connection of bytes. */
export interface RawConnection {
  /** Resolves to everything that the server wrote, when it has closed the connection. */
  readonly answer: Promise<string>
  /** Closes the connection abruptly. */
  leave(): void
}

/** Creates a client of the server at this port of the loopback address. */
export function createClient(port: number, { within }: Patience): Client {
  const address = { host: '127.0.0.1', port }

  const open: Client['open'] = (path, { method = 'GET', headers = {}, body, agent } = {}) => {
    const outgoing = request({ ...address, path, method, headers, agent: agent ?? false })
    const response = new Promise<IncomingMessage>((resolve, reject) => {
      outgoing.on('response', resolve).on('error', reject)
    })
    response.then((incoming) => incoming.on('error', () => {})).catch(() => {}) // whoever leaves does not ask
    outgoing.end(body)
    return { response, leave: () => void outgoing.destroy() }
  }

  const receive = async (path: string, asked?: ClientRequest): Promise<ClientAnswer> => {
    const response = await within(`an answer from ${path}`, open(path, asked).response)
    const body = await within(`the end of the answer from ${path}`, text(response))
    return { status: response.statusCode ?? 0, headers: response.headers, body }
  }

  return {
    open,
    send(path, asked) {
      const answer = receive(path, asked)
      answer.catch(() => {}) // a rule that fails before it looks at the answer fails by that alone
      return answer
    },
    raw(bytes) {
      const socket = connect(address)
      socket.write(bytes)
      const answer = within('the server closes a raw connection', text(socket))
      answer.catch(() => {})
      return { answer, leave: () => void socket.destroy() }
    },
  }
}

/** An agent that has one socket and keeps it. */
export function oneSocket(): Agent {
  return new Agent({ keepAlive: true, maxSockets: 1 })
}
