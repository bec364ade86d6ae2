// Where each page of the repository is on the site, and what its links become. Pure: text in, text out.
import { posix } from 'node:path'

/** Where a file that is not a page of the site is shown. */
export const REPOSITORY = 'https://github.com/model-canary/model-canary'

/** The pages beside `docs`, by their path in the repository. */
const OTHERS = /^(?:(?:packages|examples)\/[^/]+\/README|README|CONTRIBUTING|SECURITY|CHANGELOG)\.md$/

/** Returns the path on the site of a page or picture of the repository; `undefined` if the site does not have it. */
export function sitePathOf(path) {
  if (path === 'README.md') return 'index.md'
  if (path === 'SECURITY.md') return 'reporting.md' // docs/security.md is another page
  if (path === 'docs/decisions/README.md') return 'decisions/index.md'
  if (/^docs\/.*\.(?:md|svg|png)$/.test(path)) return path.slice('docs/'.length)
  if (!OTHERS.test(path)) return undefined
  return path.replace('/README.md', '.md').toLowerCase()
}

/** Returns a page of the repository with its links as they are on the site. `isThere` tells files from folders. */
export function pageOf(path, text, isFile) {
  const outside = text.split(/(^ *```.*\n[\s\S]*?^ *```$|`[^`\n]+`)/m) // every other part is code
  const parts = outside.map((part, index) => (index % 2 === 1 ? part : withLinks(path, part, isFile)))
  return parts.join('').replace(/^```mermaid$/gm, '```text') // shown as its text; the repository's website draws it
}

function withLinks(path, text, isFile) {
  return text
    .replace(/\]\(([^)\s]+)\)/g, (_, target) => `](${targetOf(path, target, isFile)})`)
    .replace(/(src|href)="([^"]+)"/g, (_, name, target) => `${name}="${targetOf(path, target, isFile)}"`)
}

function targetOf(from, target, isFile) {
  if (/^(?:[a-z]+:|#)/.test(target)) return target
  const [relative, anchor] = target.split('#')
  const path = posix.join(posix.dirname(from), relative).replace(/\/$/, '')
  const onSite = sitePathOf(path) ?? sitePathOf(`${path}/README.md`)
  const hash = anchor === undefined ? '' : `#${anchor}`
  if (onSite === undefined) return `${REPOSITORY}/${isFile(path) ? 'blob' : 'tree'}/main/${path}${hash}`
  const there = posix.relative(posix.dirname(sitePathOf(from)), onSite)
  return `${there.startsWith('.') ? there : `./${there}`}${hash}`
}

/** Returns the anchor of a heading, as the repository's own website has it, so that a link leads to both. */
export function anchorOf(heading) {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(' ', '-')
}
