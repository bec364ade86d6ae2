// Links of the reference that lead to an anchor that its page does not have. Pure: pages in, pages out.
import { posix } from 'node:path'
import { anchorOf } from './paths.mjs'

/**
 * Returns the pages with every dead anchor replaced by that of the heading which the link names: typedoc counts equal
 * anchors, and spells underscores, in another way than the site. `pages` has texts by path; a name that no heading has
 * stays as it is, and fails the build.
 */
export function withLivingAnchors(pages) {
  const headings = new Map([...pages].map(([path, text]) => [path, headingsOf(text)]))
  return new Map([...pages].map(([path, text]) => [path, repaired(path, text, pages, headings)]))
}

const LINK = /\[((?:`[^`]*`|[^\]`])*)\]\(([^)#\s]*)#([^)\s]+)\)/g

function repaired(path, text, pages, headings) {
  return text.replace(LINK, (link, name, to, anchor) => {
    const target = to === '' ? path : posix.join(posix.dirname(path), to)
    const found = headings.get(target)
    if (found === undefined || found.some((heading) => heading.anchor === anchor)) return link
    if (pages.get(target).includes(`id="${anchor}"`)) return link
    const named = found.find((heading) => heading.name === nameIn(name))
    return named === undefined ? link : `[${name}](${to}#${named.anchor})`
  })
}

/** The headings of a page with their anchors, which are numbered as `markdown-it-anchor` numbers equal ones. */
function headingsOf(text) {
  const taken = new Set()
  const prose = text.replace(/^```.*\n[\s\S]*?^```$/gm, '')
  return [...prose.matchAll(/^#+ (.*)$/gm)].map(([, heading]) => {
    const name = nameIn(heading)
    const first = anchorOf(name)
    let anchor = first
    for (let count = 1; taken.has(anchor); count += 1) anchor = `${first}-${count}`
    taken.add(anchor)
    return { name, anchor }
  })
}

/** A name without what Markdown and typedoc add to it. */
const nameIn = (text) => text.replace(/[`\\]|\(\)$|\?$/g, '')
