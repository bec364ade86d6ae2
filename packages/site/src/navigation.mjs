// The pages by topic. A test compares them with the pages that exist.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PAGES } from './folders.mjs'
import { REPOSITORY } from './paths.mjs'

/** Each topic, with its pages by their paths on the site. */
export const TOPICS = {
  Begin: ['index', 'quickstart', 'frameworks', 'coming-from', 'concepts', 'glossary'],
  Build: ['adapters', 'strategies', 'guardrails', 'testing'],
  Operate: ['operating', 'routes', 'dashboard', 'cli', 'notifications', 'after-promotion', 'errors', 'security'],
  'Meshes and metrics': ['mesh', 'prometheus', 'telemetry'],
  'How it decides': ['statistics', 'statistics-formulas', 'benchmark', 'performance'],
  Project: ['changelog', 'contributing', 'reporting'],
}

/** Folders whose pages are listed as they are found. */
const FOLDERS = { Packages: 'packages', Examples: 'examples', Decisions: 'decisions' }

/** What is above every page. */
export const NAVIGATION = [
  { text: 'Quickstart', link: '/quickstart' },
  { text: 'Operating', link: '/operating' },
  { text: 'Reference', link: '/reference/' },
  { text: 'Decisions', link: '/decisions/' },
  { text: 'Repository', link: REPOSITORY }, // a social link would fetch its icon from elsewhere if it did not know it
]

/** Returns what is beside the pages: all topics, or the modules beside a page of the reference. */
export function sidebar() {
  const topics = Object.entries(TOPICS).map(([text, pages]) => ({ text, items: pages.map(itemOf) }))
  const folders = Object.entries(FOLDERS).map(([text, folder]) => ({ text, collapsed: true, items: itemsIn(folder) }))
  const modules = JSON.parse(readFileSync(join(PAGES, 'reference', 'typedoc-sidebar.json'), 'utf8'))
  return { '/reference/': [{ text: 'Reference', items: modules }], '/': [...topics, ...folders] }
}

function itemsIn(folder) {
  const names = readdirSync(join(PAGES, folder)).filter((name) => name.endsWith('.md'))
  const pages = names.map((name) => name.slice(0, -'.md'.length)).sort()
  return ['index', ...pages.filter((name) => name !== 'index')]
    .filter((name) => pages.includes(name))
    .map((name) => itemOf(`${folder}/${name}`))
}

/** A page under its own first heading. */
function itemOf(page) {
  const [, heading = page] = /^# (.*)$/m.exec(readFileSync(join(PAGES, `${page}.md`), 'utf8')) ?? []
  return { text: heading.replaceAll('`', ''), link: `/${page.replace(/(^|\/)index$/, '$1')}` }
}
