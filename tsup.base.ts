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
    treeshake: { moduleSideEffects: 'no-external' }, // nor is a chunk loaded for nothing
    removeNodeProtocol: false,
    // What is built in from core's own sources throws core's own errors: one class, not a copy in each package.
    esbuildPlugins: [
      {
        name: 'errors-of-core',
        setup(build) {
          build.onResolve({ filter: /\/errors\.js$/ }, ({ importer }) =>
            importer.includes('/core/src/') && !process.cwd().endsWith('/core')
              ? { path: '@model-canary/core', external: true }
              : undefined,
          )
        },
      },
    ],
    // Folds constants, so that a bundler sees that they have no effect and drops what is not used.
    esbuildOptions(options) {
      options.minifySyntax = true
    },
  })
}
