// Measures the library and its peers: docs/performance.md has the method and the results.
import { fork } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { availableParallelism, loadavg } from 'node:os'
import { fileURLToPath } from 'node:url'
import { readArguments } from './arguments.mjs'
import { holds, tableOf } from './harness/table.mjs'

const SUITE = fileURLToPath(new URL('./suite.mjs', import.meta.url))
const NAMES = ['routing', 'recording', 'memory', 'wrapping', 'scraping', 'fastify', 'express', 'koa', 'growth']

/** A large young generation, so that the collector does not run while allocations are measured. */
const FLAGS = { memory: ['--max-semi-space-size=128', '--min-semi-space-size=128'] }

/** The longest time of a suite, in milliseconds; after it, something hangs. */
const LONGEST_SUITE_MS = 1_800_000

/** The same of what runs a rollout over hours, several times. */
const LONGEST_OF = { growth: 3_600_000 }

const { extent, only, out } = readArguments(process.argv.slice(2), NAMES)
const lines = []
const print = (text) => {
  lines.push(text)
  console.log(text)
}

print(
  `${extent} run on ${availableParallelism()} cores, Node ${process.version}; ratios of process CPU time, and of instructions for HTTP\n`,
)
const rows = []
for (const name of only) {
  const measured = await rowsOf(name)
  rows.push(...measured)
  const load = loadavg()[0].toFixed(1)
  print(`${name} (load ${load})\n${tableOf(measured)}\n`)
}
const aims = rows.map(holds).filter((isReached) => isReached !== undefined)
print(`${aims.filter(Boolean).length} of ${aims.length} aims reached`)
if (out !== undefined) writeFileSync(out, `${lines.join('\n')}\n`)

/** Runs each suite in a process of its own, so that the compiler's assumptions in one do not affect the next. */
function rowsOf(name) {
  const child = fork(SUITE, [name, extent], {
    execArgv: ['--expose-gc', ...(FLAGS[name] ?? [])],
    timeout: LONGEST_OF[name] ?? LONGEST_SUITE_MS,
  })
  return new Promise((resolve, reject) => {
    let measured
    child.on('message', ({ rows }) => {
      measured = rows
    })
    child.on('exit', (code) => (measured ? resolve(measured) : reject(new Error(`${name} ended with ${code}`))))
  })
}
