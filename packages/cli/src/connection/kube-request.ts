import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import type { KubeConnection } from '@model-canary/istio'
import { EXIT } from '../exit-codes.js'
import { failure } from '../failure.js'
import { MOST_BYTES } from './transport.js'

/** A request that the API server passes on. */
export interface ProxiedRequest {
  readonly method: string
  /** The path at the API server, which begins with a slash. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
}

/** What came back. */
export interface ProxiedAnswer {
  readonly status: number
  readonly retryAfter: string | undefined
  readonly text: string
}

/** Sends a request to an API server, with the credentials of the connection. */
export async function askApiServer(
  connection: KubeConnection,
  { method, path, headers, body }: ProxiedRequest,
  signal: AbortSignal,
): Promise<ProxiedAnswer> {
  const url = new URL(connection.server)
  const { token, ca, cert, key, insecureSkipTlsVerify = false, serverName } = await connection.credentials(signal)
  const isSecure = url.protocol === 'https:'
  if (!isSecure && token !== undefined && !/^(localhost|\[::1\]|127\.\d+\.\d+\.\d+)$/.test(url.hostname))
    throw failure(EXIT.usage, 'KUBE_CONFIG', `the token would be sent to ${url.host} unencrypted; use https:`)
  const options = {
    method,
    signal,
    headers: { ...headers, ...(token !== undefined && { authorization: `Bearer ${token}` }) },
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(serverName !== undefined && { servername: serverName }),
    rejectUnauthorized: !insecureSkipTlsVerify,
    agent: false as const,
  }
  const target = new URL(url.pathname.replace(/\/$/, '') + path, url)
  return new Promise((resolve, reject) => {
    const sent = (isSecure ? requestHttps : requestHttp)(target, options, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        text += chunk
        if (text.length > MOST_BYTES) response.destroy(new Error(`the answer is larger than ${MOST_BYTES} bytes`))
      })
      response.on('error', reject)
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, retryAfter: response.headers['retry-after'], text }),
      )
    })
    sent.on('error', reject)
    sent.end(body)
  })
}
