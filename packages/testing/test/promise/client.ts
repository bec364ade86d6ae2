import { Agent, request } from 'node:http'
import { connect, constants } from 'node:http2'

/** What a client got. `null` if the connection or stream ended before the answer was complete. */
export type Reply = { readonly status: number; readonly text: string } | null

/** A request that was sent. */
export interface Sent {
  readonly reply: Promise<Reply>
  leave(): void
}

/** A client with connections that it keeps. */
export interface Client {
  send(call: number, key: string | undefined): Sent
  close(): void
}

const headersOf = (call: number, key: string | undefined): Record<string, string> => ({
  'x-call': String(call),
  ...(key !== undefined && { 'x-user-id': key }),
})

/** A client of HTTP/1.1 that keeps its connections alive. */
export function http1Client(port: number): Client {
  const agent = new Agent({ keepAlive: true })
  return {
    send(call, key) {
      const sent = request({ port, agent, host: '127.0.0.1', path: '/predict', headers: headersOf(call, key) })
      const reply = new Promise<Reply>((resolve) => {
        sent.on('error', () => resolve(null))
        sent.on('response', (response) => {
          let text = ''
          response.setEncoding('utf8')
          response.on('data', (chunk: string) => void (text += chunk))
          response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
          response.on('error', () => resolve(null))
          response.on('close', () => resolve(null))
        })
        sent.end()
      })
      return { reply, leave: () => void sent.destroy() }
    },
    close: () => agent.destroy(),
  }
}

/** A client of HTTP/2 that sends everything over one session. */
export function http2Client(port: number): Client {
  const session = connect(`http://127.0.0.1:${port}`)
  session.on('error', () => {})
  return {
    send(call, key) {
      const stream = session.request({ ':path': '/predict', ...headersOf(call, key) })
      const reply = new Promise<Reply>((resolve) => {
        let [status, text, isEnded] = [0, '', false]
        stream.setEncoding('utf8')
        stream.on('response', (headers) => void (status = Number(headers[':status'])))
        stream.on('data', (chunk: string) => void (text += chunk))
        stream.on('end', () => void (isEnded = true))
        stream.on('error', () => resolve(null))
        stream.on('close', () => {
          const isWhole = isEnded && status > 0 && stream.rstCode === constants.NGHTTP2_NO_ERROR
          resolve(isWhole ? { status, text } : null)
        })
      })
      return { reply, leave: () => stream.close(constants.NGHTTP2_CANCEL) }
    },
    close: () => session.destroy(),
  }
}
