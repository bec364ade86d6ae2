// Builds the site into `.site`, or serves it while the pages are changed: `npm run docs`, `npm run docs -- --dev`.
// `SITE_BASE` is the path below which a server has it, such as `/model-canary/`.
import { rmSync, watch } from 'node:fs'
import { build, createServer } from 'vitepress'
import { copyPage, copyPages } from './copy-pages.mjs'
import { deadLinks } from './dead-links.mjs'
import { BASE, PAGES, ROOT, SETTINGS, SITE } from './folders.mjs'
import { writeReference } from './reference.mjs'

const isDev = process.argv.includes('--dev')

rmSync(PAGES, { recursive: true, force: true })
copyPages()
await writeReference()

if (isDev) {
  watch(`${ROOT}docs`, { recursive: true }, (_, name) => name && copyPage(`docs/${name}`))
  const server = await createServer(SETTINGS)
  await server.listen()
  server.printUrls()
} else {
  await build(SETTINGS)
  const dead = deadLinks(SITE, BASE)
  for (const link of dead) console.error(`leads nowhere: ${link}`)
  if (dead.length > 0) process.exitCode = 1
  else console.log(`the site is in ${SITE}`)
}
