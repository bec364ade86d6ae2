import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'

/**
 * Returns the links of a built site that lead nowhere within it: to a file or to an anchor that is not there. VitePress
 * itself refuses links to pages that are missing, but not to anchors, and knows nothing of those of markup. `base` is the
 * path below which a server has the site.
 */
export function deadLinks(site, base = '/') {
  const pages = readdirSync(site, { recursive: true }).filter((path) => path.endsWith('.html'))
  const anchors = new Map(pages.map((page) => [page, anchorsOf(readFileSync(join(site, page), 'utf8'))]))
  return pages.flatMap((page) =>
    linksOf(readFileSync(join(site, page), 'utf8'))
      .filter((link) => !leadsSomewhere(site, page, withoutBase(link, base), anchors))
      .map((link) => `${page}: ${link}`),
  )
}

function leadsSomewhere(site, page, link, anchors) {
  const [path, anchor] = link.split('#').map(decodeURIComponent)
  const file = path === '' ? page : fileOf(site, page, path)
  if (file === undefined) return false
  return !anchor || anchors.get(file)?.has(anchor) === true
}

/** A link as it is in a site that has the whole server; one that leaves the site leads to no file of it. */
function withoutBase(link, base) {
  if (!link.startsWith('/')) return link
  return link.startsWith(base) ? link.slice(base.length - 1) : `/outside${link}`
}

/** The file that a server would answer with; `undefined` if there is none. */
function fileOf(site, page, path) {
  const target = path.startsWith('/') ? join(site, path) : join(site, dirname(page), path)
  const found = [target, `${target}.html`, join(target, 'index.html')].find(
    (file) => existsSync(file) && statSync(file).isFile(),
  )
  return found && relative(site, found)
}

const linksOf = (html) => [
  ...new Set(
    [...html.matchAll(/\s(?:href|src)="([^"]*)"/g)]
      .map(([, link]) => link.replaceAll('&amp;', '&'))
      .filter((link) => !/^(?:[a-z]+:|\/\/)/.test(link)),
  ),
]

const anchorsOf = (html) => new Set([...html.matchAll(/\sid="([^"]*)"/g)].map(([, id]) => id.replaceAll('&amp;', '&')))
