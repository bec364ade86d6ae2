import { CanaryError } from '@model-canary/core'
import { show } from '@model-canary/foundation'
import type { KubeCredentials } from './credentials.js'

/** Checks and parses the URL of a server. @throws `KUBE_CONFIG` */
export function serverUrl(server: unknown): URL {
  const url = typeof server === 'string' && URL.canParse(server) ? new URL(server) : undefined
  if (url === undefined || !['http:', 'https:'].includes(url.protocol)) {
    throw new CanaryError('KUBE_CONFIG', `the server must be an https: or http: URL, got ${show(server)}`)
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw new CanaryError('KUBE_CONFIG', "the server's URL must have no user, password, query or fragment")
  }
  return url
}

/** Returns the `Authorization` header; empty without a token. @throws `KUBE_CONFIG` */
export function authorizationOf(url: URL, { token }: KubeCredentials): { readonly authorization?: string } {
  if (token === undefined || token === '') return {}
  if (!/^[\x21-\x7e]+$/.test(token)) {
    throw new CanaryError(
      'KUBE_CONFIG',
      'the token contains characters that are not allowed in a token; check its source',
    )
  }
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    throw new CanaryError('KUBE_CONFIG', `the token would be sent to ${url.host} unencrypted; use https:`)
  }
  return { authorization: `Bearer ${token}` }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(host)
}
