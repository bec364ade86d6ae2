import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of the whole workspace. */
export const ROOT = fileURLToPath(new URL('../../../../', import.meta.url))

/** A fenced block of a page. */
export interface CodeBlock {
  readonly page: string
  /** The line of its first line of code, from 1. */
  readonly line: number
  /** The text after the fence: a language, and perhaps `run`. */
  readonly info: string
  readonly code: string
}

/** Every page of the repository, by its path from the root. */
export function pages(): readonly string[] {
  const docs = readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
  return ['README.md', 'CONTRIBUTING.md', 'packages/core/README.md', ...docs.map((path) => `docs/${path}`)]
    .filter((path) => path.endsWith('.md'))
    .sort()
}

/** The pages of one package or example. Their links are checked, but not their code. */
export function readmes(): readonly string[] {
  const folders = ['packages', 'examples'].flatMap((group) =>
    readdirSync(join(ROOT, group)).map((name) => `${group}/${name}/README.md`),
  )
  return folders.filter((path) => existsSync(join(ROOT, path)))
}

/** The text of a page. */
export const readPage = (page: string): string => readFileSync(join(ROOT, page), 'utf8')

/** The fenced blocks of a page, in order. */
export function blocksOf(page: string, text: string = readPage(page)): readonly CodeBlock[] {
  return [...text.matchAll(/^```(.*)\n([\s\S]*?)^```$/gm)].map(({ 1: info = '', 2: code = '', index }) => ({
    page,
    line: text.slice(0, index).split('\n').length + 1,
    info: info.trim(),
    code,
  }))
}

const withoutBlocks = (text: string): string => text.replace(/^```.*\n[\s\S]*?^```$/gm, '')

/** The headings of a page, as written. */
export function headingsOf(page: string): readonly string[] {
  return [...withoutBlocks(readPage(page)).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => heading)
}

/** Returns the anchor of a heading on the repository's website. */
export function anchorOf(heading: string): string {
  const words = heading.toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, '')
  return words.replaceAll(' ', '-')
}

/** Returns the destinations of a page's links and images within the repository. */
export function linksOf(page: string): readonly string[] {
  const text = withoutBlocks(readPage(page)).replace(/`[^`]*`/g, '')
  const links = [...text.matchAll(/\]\(([^)\s]+)\)/g), ...text.matchAll(/(?:src|href)="([^"]+)"/g)]
  return links.map(([, target = '']) => target).filter((target) => !/^[a-z]+:/.test(target))
}
