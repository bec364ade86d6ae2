import { join } from 'node:path'
import { defineConfig } from 'vitepress'
import { BASE, PAGES, ROOT, SITE } from '../src/folders.mjs'
import { NAVIGATION, sidebar } from '../src/navigation.mjs'
import { anchorOf } from '../src/paths.mjs'

export default defineConfig({
  title: 'model-canary',
  description: 'Canary deployments of machine-learning models inside a Node.js service',
  base: BASE,
  srcDir: PAGES,
  outDir: SITE,
  cacheDir: join(ROOT, 'node_modules', '.cache', 'model-canary', 'site'),
  cleanUrls: false, // so that the files also work without a server that adds `.html`
  metaChunk: true,
  markdown: {
    anchor: { slugify: anchorOf },
    toc: { slugify: anchorOf },
    headers: { slugify: anchorOf },
  },
  vite: { build: { chunkSizeWarningLimit: 2_000 } }, // the index of the search
  themeConfig: {
    nav: NAVIGATION,
    sidebar: sidebar(),
    outline: [2, 3],
    search: { provider: 'local' },
  },
})
