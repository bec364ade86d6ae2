import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { text } from 'node:stream/consumers'
import type { Patience } from '../adapter-contract/patience.js'
import type { KubeApiServer } from './server.js'

/** A request to the server. */
export interface Asked {
  readonly method?: string
  readonly path: string
  /** Sent as JSON; a string is sent unchanged. */
  readonly body?: unknown
  /** @default 'application/json' where there is a body */
  readonly contentType?: string
  /** In place of the server's own. */
  readonly token?: string
}

/** The response. */
export interface Answer {
  readonly status: number
  readonly contentType: string
  /** The body as JSON, or as text if it is not JSON. */
  readonly body: unknown
}

/** A client over real sockets, with a new connection for each request. */
export interface KubeClient {
  send(asked: Asked): Promise<Answer>
  /** Leaves the body of the answer to the caller. */
  open(asked: Asked): Promise<IncomingMessage>
}

/** Creates a client of a server. */
export function createKubeClient({ url, token, ca }: KubeApiServer, { within }: Patience): KubeClient {
  const open: KubeClient['open'] = (asked) => {
    const { method = 'GET', path, body, contentType = 'application/json' } = asked
    const bearer = asked.token ?? token
    const sent = typeof body === 'string' || body === undefined ? body : JSON.stringify(body)
    const headers = {
      accept: 'application/json',
      ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
      // with its length, since the body of a DELETE would otherwise have neither length nor end
      ...(sent === undefined ? {} : { 'content-type': contentType, 'content-length': Buffer.byteLength(sent) }),
    }
    const target = new URL(path, url)
    const options = { method, headers, agent: false as const, ...(ca === undefined ? {} : { ca }) }
    const answered = new Promise<IncomingMessage>((resolve, reject) => {
      const outgoing = (target.protocol === 'https:' ? httpsRequest : httpRequest)(target, options)
      outgoing.on('response', resolve).on('error', reject)
      outgoing.end(sent)
    })
    return within(`an answer to ${method} ${path}`, answered)
  }

  return {
    open,
    async send(asked) {
      const response = await open(asked)
      const body = await within(`the end of the answer to ${asked.path}`, text(response))
      const contentType = response.headers['content-type'] ?? ''
      return { status: response.statusCode ?? 0, contentType, body: parsed(body) }
    },
  }
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return body
  }
}
