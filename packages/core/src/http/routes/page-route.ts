import { headerOf } from './cross-site.js'
import { answer, type RouteAnswer } from './route-answer.js'
import type { RouteRequest } from './route-request.js'

/** A file that belongs to a page. */
export interface PageFile {
  /** The headers, such as the content security policy and how long the file may be kept. */
  readonly headers: Readonly<Record<string, string>>
  /** The content type. */
  readonly contentType: string
  /** What is sent. */
  readonly body: string | Uint8Array
}

/** A page that the routes serve at their root: `dashboard()` of `@model-canary/dashboard`. */
export interface RoutesPage {
  /**
   * Returns the file at a path below the mount point, `''` for the page itself; `undefined` if there is none.
   *
   * @param acceptEncoding the request's header, for a compressed body
   */
  file(path: string, acceptEncoding?: string): PageFile | undefined
}

/** Creates the route of a page and its files. Its files have no data of a rollout, so everybody gets them. */
export function pageRoute<Request>(page: RoutesPage) {
  return (path: string, { url, headers }: RouteRequest<Request>): RouteAnswer | undefined => {
    const found = page.file(path, headerOf(headers, 'accept-encoding'))
    if (found === undefined) return undefined
    const slashed = path === '' && url !== undefined ? withSlash(url) : undefined
    if (slashed !== undefined)
      return answer(307, { body: '', contentType: 'text/plain', headers: { location: slashed } })
    return answer(200, found)
  }
}

/**
 * Returns where a page is whose address has no slash at its end, relative to that address, because a proxy may have
 * changed what stands before. Without the slash, a browser looks for the files of the page one level too high.
 */
function withSlash(url: string): string | undefined {
  const [path = '', query] = url.split('?', 2)
  if (path.endsWith('/')) return undefined
  const last = path.slice(path.lastIndexOf('/') + 1)
  return `./${last}/${query === undefined ? '' : `?${query}`}`
}
