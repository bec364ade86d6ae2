import { type IncomingMessage, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { urlToHttpOptions } from 'node:url'
import { createAgents } from './agents.js'
import type { Ask } from './ask.js'
import type { KubeCredentials } from './credentials.js'
import { authorizationOf, serverUrl } from './server-url.js'

/**
 * Sends one request and resolves to the response, whose body has not been read yet.
 * Rejects with the signal's reason, `KUBE_CONFIG`, or Node's own error. Aborting the signal also ends the body.
 */
export type Dial = (ask: Ask, credentials: KubeCredentials, signal: AbortSignal) => Promise<IncomingMessage>

/** Creates the function that sends requests to one server, reusing sockets. @throws `KUBE_CONFIG` */
export function createDial(server: string): Dial {
  const url = serverUrl(server)
  const isSecure = url.protocol === 'https:'
  const agentFor = createAgents(isSecure)
  const request = isSecure ? requestHttps : requestHttp
  const basePath = url.pathname.replace(/(?<!\/)\/+$/, '')

  return async (ask, credentials, signal) => {
    signal.throwIfAborted()
    const headers = {
      accept: 'application/json',
      'user-agent': 'model-canary',
      ...authorizationOf(url, credentials),
      ...(ask.body === undefined
        ? {}
        : { 'content-type': ask.contentType, 'content-length': Buffer.byteLength(ask.body) }),
    }
    const options = { ...urlToHttpOptions(url), path: basePath + ask.path, method: ask.method, headers }
    const agent = agentFor(credentials)

    return new Promise((resolve, reject) => {
      const sent = request({ ...options, agent })
      const stop = () => sent.destroy()
      signal.addEventListener('abort', stop, { once: true })
      sent.once('response', resolve)
      sent.on('error', (error) => reject(signal.aborted ? signal.reason : error))
      sent.once('close', () => {
        signal.removeEventListener('abort', stop)
        if (signal.aborted) reject(signal.reason)
      })
      if (ask.isBackground) sent.once('socket', (socket) => socket.unref())
      sent.end(ask.body)
    })
  }
}
