import { defineConfig } from 'vite'

/** The page: one script and one style sheet with hashes in their names, found relative to where the page is. */
export default defineConfig({
  root: 'page',
  base: './',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: '../.page',
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: false,
    reportCompressedSize: false,
  },
})
