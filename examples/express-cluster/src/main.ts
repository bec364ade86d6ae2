// The service: `node dist/main.js`, in one primary process and several workers.
import cluster from 'node:cluster'
import { readArguments, USAGE } from './arguments.js'
import { runPrimary } from './primary.js'
import { runWorker } from './worker.js'

try {
  const args = readArguments(process.argv.slice(2))
  await (cluster.isPrimary ? runPrimary(args) : runWorker(args))
} catch (error) {
  console.error(`${error instanceof Error ? error.message : error}\n\n${USAGE}`)
  process.exit(2)
}
