import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { PAGES, ROOT } from './folders.mjs'
import { pageOf, sitePathOf } from './paths.mjs'

const isFile = (path) => existsSync(join(ROOT, path)) && statSync(join(ROOT, path)).isFile()

/** Copies every page and picture of the repository to where the site has it, with its links as they are there. */
export function copyPages() {
  for (const path of sources()) copyPage(path)
}

/** Copies one page or picture; any other file is left out. */
export function copyPage(path) {
  const onSite = sitePathOf(path)
  if (onSite === undefined || !isFile(path)) return
  const target = join(PAGES, onSite)
  mkdirSync(dirname(target), { recursive: true })
  if (!path.endsWith('.md')) return copyFileSync(join(ROOT, path), target)
  writeFileSync(target, pageOf(path, readFileSync(join(ROOT, path), 'utf8'), isFile))
}

/** The files that may be pages or pictures, by their path in the repository. */
function sources() {
  const readmes = ['packages', 'examples'].flatMap((group) =>
    readdirSync(join(ROOT, group)).map((name) => `${group}/${name}/README.md`),
  )
  const docs = readdirSync(join(ROOT, 'docs'), { recursive: true }).map((path) => `docs/${path.replaceAll('\\', '/')}`)
  return [...readdirSync(ROOT).filter((name) => name.endsWith('.md')), ...readmes, ...docs]
}
