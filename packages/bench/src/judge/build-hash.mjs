import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const require = createRequire(import.meta.url)

/** The files that determine the result of a run with a given seed, without those that show results. */
const OF_A_RUN =
  /^(draws|judges|outages|incidents|uptimes|differing-users|shifts|outcome|run-|scenario|scenarios|scraped|scrapes|held-out|seeds|tails|version|peers)/

/** Returns a short hash of all that determines a run: the built core, the simulator and the scenarios. */
export function buildHash() {
  const hash = createHash('sha256')
  for (const name of ['@model-canary/core', '@model-canary/testing']) add(hash, dirname(require.resolve(name)), /\.js$/)
  add(hash, fileURLToPath(new URL('.', import.meta.url)), /\.mjs$/, OF_A_RUN)
  return hash.digest('hex').slice(0, 12)
}

function add(hash, folder, ending, beginning = /^/) {
  const files = readdirSync(folder, { recursive: true }).filter((file) => ending.test(file) && beginning.test(file))
  for (const file of files.sort())
    hash
      .update(file)
      .update('\0')
      .update(readFileSync(join(folder, file)))
      .update('\0')
}
