import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

/** A program that was made of the sources, with everything that it needs. */
export interface Bundle {
  readonly path: string
  remove(): Promise<void>
}

const source = (path: string): string => fileURLToPath(new URL(`../../../${path}`, import.meta.url))

/** Bundles the worker with the sources of this repository, as the other tests use them. */
export async function bundleWorker(): Promise<Bundle> {
  const outDir = await mkdtemp(join(tmpdir(), 'fleet-worker-'))
  await build({
    configFile: false,
    logLevel: 'silent',
    resolve: {
      alias: [{ find: /^@model-canary\/(core|foundation)$/, replacement: source('$1/src/index.ts') }],
    },
    ssr: { noExternal: true },
    build: {
      ssr: source('redis/test/fleet/worker.fixture.ts'),
      outDir,
      target: 'node20',
      rollupOptions: { output: { entryFileNames: 'worker.mjs' } },
    },
  })
  return { path: join(outDir, 'worker.mjs'), remove: () => rm(outDir, { recursive: true }) }
}
