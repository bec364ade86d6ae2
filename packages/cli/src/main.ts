#!/usr/bin/env node
import { systemClock } from '@model-canary/core'
import { EXIT } from './exit-codes.js'
import { run } from './run.js'
import type { Output } from './world.js'

/** The program of the threads, which is built beside this one. */
const WORKER = './simulation-worker.js'

const interruption = new AbortController()
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.once(name, () => {
    interruption.abort(new Error(name)) // the second one ends the process at once
  })
}

/** Writes to a stream until its reader has left. */
function outputOf(stream: NodeJS.WriteStream): Output {
  stream.on('error', () => interruption.abort(new Error('nobody reads what is written')))
  return {
    write: (text) => void stream.write(text),
    isTerminal: stream.isTTY === true,
    get columns() {
      return stream.columns ?? 80
    },
    get rows() {
      return stream.rows ?? 24
    },
  }
}

process.exitCode = EXIT.internal // until it is known
process.exitCode = await run({
  args: process.argv.slice(2),
  env: process.env,
  stdout: outputOf(process.stdout),
  stderr: outputOf(process.stderr),
  clock: systemClock,
  interrupted: interruption.signal,
  workerUrl: new URL(WORKER, import.meta.url),
})
