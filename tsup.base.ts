import { defineConfig } from 'tsup'

/** How every published package is built: ESM and CJS with their own declarations, nothing bundled in. */
export function library(entry: string[] = ['src/index.ts']) {
  return defineConfig({
    entry,
    format: ['esm', 'cjs'],
    target: 'node20',
    dts: true,
    clean: true,
    sourcemap: true,
    splitting: true,
    treeshake: true,
    removeNodeProtocol: false,
    // Folds constants, so that a bundler sees that they have no effect and drops what is not used.
    esbuildOptions(options) {
      options.minifySyntax = true
    },
  })
}
