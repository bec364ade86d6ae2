import type { IncomingHeaders } from './read-body.js'

/**
 * Whether a browser sent this request for a page of another site: such a request carries the cookies of who looks at the
 * page. What is no browser sends neither header.
 *
 * A page cannot choose `Sec-Fetch-Site`, so it is believed. Browsers send it only to HTTPS and to this machine; without it
 * the `Origin` has to be the host that was asked.
 */
export function isCrossSite(headers: IncomingHeaders): boolean {
  const site = headerOf(headers, 'sec-fetch-site')
  if (site !== undefined) return site !== 'same-origin' && site !== 'none'
  const origin = headerOf(headers, 'origin')
  return origin !== undefined && !isOf(origin, headerOf(headers, 'host') ?? headerOf(headers, ':authority') ?? '')
}

/** Hosts are compared as addresses: in lower case, and without the port that goes without saying. */
function isOf(origin: string, host: string): boolean {
  try {
    const { protocol, host: asked } = new URL(origin)
    return asked !== '' && asked === new URL(`${protocol}//${host}`).host
  } catch {
    return false
  }
}

/** Several values of one header are one that nobody sends. */
function headerOf(headers: IncomingHeaders, name: string): string | undefined {
  const value = headers[name]
  return typeof value === 'string' || value === undefined ? value : value.join(', ')
}
