import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'
import { afterAll, beforeAll } from 'vitest'

const source = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url))

/** Bundles the program with the sources of this repository, before the tests of a file. Returns its path. */
export function bundledProgram(): () => string {
  let outDir = ''
  beforeAll(async () => {
    outDir = await mkdtemp(join(tmpdir(), 'model-canary-cli-'))
    await build({
      configFile: false,
      logLevel: 'silent',
      resolve: {
        alias: [
          {
            find: /^@model-canary\/core\/(judge|controller|adapter|webhook|webhook-receiver|folder-store)$/,
            replacement: source('core/src/$1.ts'),
          },
          { find: /^@model-canary\/(core|foundation|testing|istio)$/, replacement: source('$1/src/index.ts') },
        ],
      },
      ssr: { noExternal: true },
      build: {
        ssr: true,
        outDir,
        target: 'node20',
        rollupOptions: {
          input: [source('cli/src/main.ts'), source('cli/src/simulation-worker.ts')],
          output: { entryFileNames: '[name].js', chunkFileNames: '[name].js' },
        },
      },
    })
    await writeFile(join(outDir, 'package.json'), '{"type":"module"}')
  })
  afterAll(() => rm(outDir, { recursive: true, force: true }))
  return () => join(outDir, 'main.js')
}

/** How a process ended, and what it wrote. */
export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** The options of {@link started}. */
export interface StartOptions {
  readonly env?: Readonly<Record<string, string>>
  /** What it reads from standard input, which is a socket then; nothing if left out. */
  readonly input?: string
  /** Called with everything that is written to standard output. */
  readonly onOutput?: (text: string, kill: (signal: NodeJS.Signals) => void) => void
}

/** Starts a program with pipes, and waits for its end. */
export function endOf(command: string, args: readonly string[], options: StartOptions = {}): Promise<Ended> {
  const { env = {}, input, onOutput = () => {} } = options
  const child = spawn(command, args, { env: { PATH: process.env.PATH, ...env }, stdio: ['pipe', 'pipe', 'pipe'] })
  child.stdin.on('error', () => {}).end(input) // it need not read
  const written = { stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    written.stdout += text
    onOutput(text, (signal) => child.kill(signal))
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    written.stderr += text
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, ...written }))
  })
}
