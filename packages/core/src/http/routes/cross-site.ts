import type { IncomingHeaders } from '../read-body.js'

/**
 * Returns whether a browser sent this request for a page of another site. Such a request carries the cookies of the user
 * who views that page. Clients that are not browsers send neither header.
 *
 * `Sec-Fetch-Site` is trusted, because a page cannot set it. Browsers send it only over HTTPS and to localhost; without
 * it, the `Origin` has to equal the requested host or one of `allowedOrigins`.
 */
export function isCrossSite(headers: IncomingHeaders, allowedOrigins: ReadonlySet<string>): boolean {
  const site = headerOf(headers, 'sec-fetch-site')
  if (site !== undefined) return site !== 'same-origin' && site !== 'none'
  const origin = headerOf(headers, 'origin')
  if (origin === undefined || allowedOrigins.has(origin)) return false
  return !isOf(origin, headerOf(headers, 'host') ?? headerOf(headers, ':authority') ?? '')
}

/** Compares hosts as URLs do: in lower case, and without the default port. */
function isOf(origin: string, host: string): boolean {
  try {
    const { protocol, host: asked } = new URL(origin)
    return asked !== '' && asked === new URL(`${protocol}//${host}`).host
  } catch {
    return false
  }
}

/** Returns a header; several values are joined to one that matches nothing. */
export function headerOf(headers: IncomingHeaders, name: string): string | undefined {
  const value = headers[name]
  return typeof value === 'string' || value === undefined ? value : value.join(', ')
}
