import { gzipSync } from 'node:zlib'
import { CanaryError } from '@model-canary/core'
import type { PageFile, RoutesPage } from '@model-canary/core/adapter'
import { type Defaults, flag, refuseUnknown, show } from '@model-canary/foundation'
import { pageFiles } from './page-files.js'

/** The options of {@link dashboard}. */
export interface DashboardOptions {
  /** Shows no buttons, even to those who may send verbs. It does not take the verbs' routes away. @default false */
  readonly readOnly?: boolean
  /**
   * The path of the page as browsers see it, with a slash at its end, such as `/ops/canary/`. Needed only where a proxy
   * serves the page at an address without that slash. By default everything is found relative to the page's address.
   */
  readonly publicPath?: string
}

/** What an option is if it is not given. */
const DASHBOARD_DEFAULTS = { readOnly: false } as const satisfies Defaults<DashboardOptions>

/**
 * What a browser lets the page do: run its own script, and ask the service that it comes from. Texts never become
 * markup, and no other page can show it in a frame.
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'self'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ')

const PAGE_HEADERS = {
  'content-security-policy': POLICY,
  'x-frame-options': 'DENY', // for browsers that do not know frame-ancestors
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
}

/** The names of the other files have hashes, so that a file never changes. */
const FILE_HEADERS = { 'cache-control': 'public, max-age=31536000, immutable' }

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
}

/**
 * Creates the page for the people who watch a rollout, for the option `dashboard` of `canaryRoutes`. It is served at the
 * path of the routes, and reads nothing but them.
 *
 * @throws `UNKNOWN_OPTION`, `INVALID_OPTION`
 * @example
 * app.use('/canary', canaryRoutes(canary, { authorize, dashboard: dashboard() }))
 */
export function dashboard(options: DashboardOptions = {}): RoutesPage {
  refuseUnknown('dashboard', options, { readOnly: 1, publicPath: 1 })
  const { readOnly = DASHBOARD_DEFAULTS.readOnly, publicPath } = options
  const isReadOnly = flag('dashboard: readOnly', readOnly)
  const base = publicPath === undefined ? '' : `<base href="${checkedPath(publicPath)}">`
  const page = (pageFiles.get('index.html') ?? '')
    .replace('<head>', `<head>${base}`)
    .replace('<html', isReadOnly ? '<html data-read-only' : '<html')
  const files = new Map([...pageFiles].map(([path, text]) => [path, fileOf(path, text)]))
  files.delete('index.html')
  files.set('', fileOf('index.html', page))

  return {
    file(path, acceptEncoding = '') {
      const found = files.get(path)
      return found && (takesGzip(acceptEncoding) ? found.zipped() : found.plain)
    },
  }
}

/** Creates the forms of a file: as it is, and compressed, which is done when it is first asked for. */
function fileOf(path: string, text: string) {
  const contentType = CONTENT_TYPES[path.slice(path.lastIndexOf('.') + 1)] ?? 'application/octet-stream'
  const headers = { ...(path === 'index.html' ? PAGE_HEADERS : FILE_HEADERS), vary: 'accept-encoding' }
  const plain: PageFile = { headers, contentType, body: Buffer.from(text) }
  let zipped: PageFile | undefined
  return {
    plain,
    zipped: (): PageFile =>
      (zipped ??= { contentType, headers: { ...headers, 'content-encoding': 'gzip' }, body: gzipSync(text) }),
  }
}

/** Returns whether an `Accept-Encoding` header names gzip, and does not refuse it. */
const takesGzip = (header: string): boolean => /\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))/i.test(header)

/** Returns a path that can stand in the page. Throws `INVALID_OPTION`. */
function checkedPath(path: unknown): string {
  if (typeof path === 'string' && /^\/([\w.~%@:+-]+\/)*$/.test(path)) return path
  const wanted = 'a path that begins and ends with a slash, such as "/ops/canary/"'
  throw new CanaryError('INVALID_OPTION', `dashboard: publicPath must be ${wanted}, got ${show(path)}`)
}
