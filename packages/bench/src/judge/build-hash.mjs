import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const require = createRequire(import.meta.url)

/** The pure rings of the library, which decide. The rest carries out what they decide, and is left out on purpose. */
export const RINGS = /\/(foundation|statistics|summaries|guardrails|judging|rollout)\/[^/]/

/** The simulator, without the contracts and fakes beside it. */
const SIMULATOR =
  /\/(behaviour|completions|manual-clock|seeded-random|settle|simulat(e|e-options|ion-\w+)|task-queue|traffic|user-keys)\.ts$/

/** The files of the benchmark that determine the result of a run with a given seed, without those that show results. */
const OF_A_RUN =
  /^(draws|judges|outages|incidents|uptimes|differing-users|shifts|outcome|run-|scenario|scenarios|scraped|scrapes|held-out|seeds|tails|version|peers)/

/**
 * Returns a short hash of what decides in a run: the built pure rings of the library, the simulator and the situations.
 *
 * Comments and types do not count. What is built is read, not what could be built.
 */
export function buildHash() {
  return hashOf([
    ...builtFrom(dirname(require.resolve('@model-canary/core')), RINGS),
    ...builtFrom(dirname(require.resolve('@model-canary/testing')), SIMULATOR),
    ...filesOf(fileURLToPath(new URL('.', import.meta.url))),
  ])
}

/**
 * Returns the hash of sources, by their code alone.
 *
 * @param {readonly (readonly [name: string, source: string])[]} sources
 */
export function hashOf(sources) {
  const hash = createHash('sha256')
  for (const [name, source] of sources) hash.update(name).update('\0').update(codeOf(source)).update('\0')
  return hash.digest('hex').slice(0, 12)
}

/**
 * Returns the sources that a folder's ES modules were built from, out of their source maps, in order.
 *
 * @param {string} folder
 * @param {RegExp} wanted which sources, by their path
 * @returns {readonly (readonly [name: string, source: string])[]}
 */
export function builtFrom(folder, wanted) {
  const found = new Map()
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.js.map'))) {
    const { sources, sourcesContent } = JSON.parse(readFileSync(join(folder, file), 'utf8'))
    sources.forEach((source, at) => {
      if (wanted.test(source)) found.set(source.replace(/^.*\/src\//, ''), sourcesContent[at])
    })
  }
  if (found.size === 0) throw new Error(`${basename(dirname(folder))}: no sources in its build: run npm run build`)
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1))
}

function filesOf(folder) {
  const files = readdirSync(folder, { recursive: true }).filter((file) => OF_A_RUN.test(file) && file.endsWith('.mjs'))
  return files.sort().map((file) => [file, readFileSync(join(folder, file), 'utf8')])
}

function codeOf(source) {
  const { outputText } = ts.transpileModule(source, {
    compilerOptions: { removeComments: true, target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
  })
  return outputText
}
