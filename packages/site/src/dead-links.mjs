import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'

/**
 * Returns the links of a built site that lead nowhere within it: to a file or to an anchor that is not there. VitePress
 * itself refuses links to pages that are missing, but not to anchors, pictures and scripts.
 */
export function deadLinks(site) {
  const pages = readdirSync(site, { recursive: true }).filter((path) => path.endsWith('.html'))
  const anchors = new Map(pages.map((page) => [page, anchorsOf(readFileSync(join(site, page), 'utf8'))]))
  return pages.flatMap((page) =>
    linksOf(readFileSync(join(site, page), 'utf8'))
      .filter((link) => !leadsSomewhere(site, page, link, anchors))
      .map((link) => `${page}: ${link}`),
  )
}

function leadsSomewhere(site, page, link, anchors) {
  const [path, anchor] = link.split('#').map(decodeURIComponent)
  const file = path === '' ? page : fileOf(site, page, path)
  if (file === undefined) return false
  return !anchor || anchors.get(file)?.has(anchor) === true
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
