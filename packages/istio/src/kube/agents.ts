import { X509Certificate } from 'node:crypto'
import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { createSecureContext } from 'node:tls'
import { CanaryError } from '@model-canary/core'
import type { KubeCredentials } from './credentials.js'

/** A socket that was idle so long, in milliseconds, is closed: the agents of old certificates are to hold none. */
const IDLE_MS = 30_000

/** Gives the agent for credentials: the same one until what TLS is made of changes. */
export type Agents = (credentials: KubeCredentials) => HttpAgent

/** Makes the agents for one server. */
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
 * Makes what TLS works with, out of checked certificates.
 *
 * @throws `KUBE_CONFIG` for certificates or a key that cannot be read, or do not belong together
 */
export function secureContextOf({ ca, cert, key }: KubeCredentials) {
  try {
    if (ca !== undefined) new X509Certificate(ca) // a context takes a ca that is none without a word, and trusts nobody
  } catch (cause) {
    throw new CanaryError('KUBE_CONFIG', 'the certificate authority is no PEM certificate; check the ca', { cause })
  }
  try {
    return createSecureContext({
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
    })
  } catch (cause) {
    const detail = "the client's certificate and key cannot be used; check that both are PEM, unencrypted, and a pair"
    throw new CanaryError('KUBE_CONFIG', detail, { cause })
  }
}
