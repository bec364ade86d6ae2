import { readdirSync, readFileSync } from 'node:fs'
import { library } from '../../tsup.base.js'

/** Where Vite has built the page. */
const PAGE = new URL('.page/', import.meta.url)

/** Puts the files of the page into the module, so that they are there in a service that is bundled to one file. */
function filesOfThePage(): Readonly<Record<string, string>> {
  const names = readdirSync(PAGE, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => `${parentPath}/${name}`.slice(PAGE.pathname.length).replace(/^\/+/, ''))
  return Object.fromEntries(names.sort().map((name) => [name, readFileSync(new URL(name, PAGE), 'utf8')]))
}

const settings = library()

export default { ...settings, define: { FILES_OF_THE_PAGE: JSON.stringify(filesOfThePage()) } }
