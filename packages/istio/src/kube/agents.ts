import { X509Certificate } from 'node:crypto'
import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { createSecureContext } from 'node:tls'
import { CanaryError } from '@model-canary/core'
import type { KubeCredentials } from './credentials.js'

/** How long a socket may be idle before it is closed, in milliseconds. Agents with old certificates then hold none. */
const IDLE_MS = 30_000

/** Returns the agent for credentials. It is the same one until their TLS settings change. */
export type Agents = (credentials: KubeCredentials) => HttpAgent

/** Creates the agents for one server. */
export function createAgents(isSecure: boolean): Agents {
  if (!isSecure) {
    const agent = new HttpAgent({ keepAlive: true, timeout: IDLE_MS })
    return () => agent
  }
  let last: { readonly print: string; readonly agent: HttpsAgent } | undefined
  return (credentials) => {
    const { ca, cert, key, insecureSkipTlsVerify, serverName } = credentials
    const print = JSON.stringify([ca, cert, key, insecureSkipTlsVerify, serverName])
    if (last?.print !== print) last = { print, agent: createAgent(credentials) }
    return last.agent
  }
}

function createAgent(credentials: KubeCredentials): HttpsAgent {
  const { insecureSkipTlsVerify = false, serverName } = credentials
  return new HttpsAgent({
    keepAlive: true,
    timeout: IDLE_MS,
    secureContext: secureContextOf(credentials),
    rejectUnauthorized: !insecureSkipTlsVerify,
    ...(serverName === undefined ? {} : { servername: serverName }),
  })
}

/**
 * Checks the certificates and creates a TLS context from them.
 *
 * @throws `KUBE_CONFIG` if a certificate or the key cannot be read, or if they do not match
 */
export function secureContextOf({ ca, cert, key }: KubeCredentials) {
  try {
    if (ca !== undefined) new X509Certificate(ca) // createSecureContext silently accepts an invalid ca
  } catch (cause) {
    throw new CanaryError('KUBE_CONFIG', 'the certificate authority is not a PEM certificate; check the ca', { cause })
  }
  try {
    return createSecureContext({
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
    })
  } catch (cause) {
    const detail =
      "the client's certificate and key cannot be used; check that both are unencrypted PEM and belong to each other"
    throw new CanaryError('KUBE_CONFIG', detail, { cause })
  }
}
