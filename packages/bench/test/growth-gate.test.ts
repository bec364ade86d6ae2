import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, it, vi } from 'vitest'

interface Run {
  readonly marks: readonly { readonly requests: number; readonly heldBytes: number }[]
  readonly endedBytes: number
  readonly underWay: number
}

vi.setConfig({ testTimeout: 300_000 }) // a busy machine takes long for a million requests

const MIB = 2 ** 20
const SITUATION = fileURLToPath(new URL('../src/growth/situation-process.mjs', import.meta.url))

/** What a short run of a situation holds, on the built packages, in a process of its own. */
function runOf(situation: string): Promise<Run> {
  const child = fork(SITUATION, [situation, 'quick'], { execArgv: ['--expose-gc'], silent: true })
  let output = ''
  child.stderr?.on('data', (text) => {
    output += text
  })
  return new Promise((resolve, reject) => {
    child.once('message', (run: Run) => resolve(run))
    child.once('exit', (code) =>
      reject(new Error(`${situation} ended with ${code}; run "npm run build" first?\n${output}`)),
    )
  })
}

it('holds as much after a million requests as after a hundred thousand', async () => {
  const { marks } = await runOf('requests')
  const [first, last] = [marks[0]!, marks.at(-1)!]
  expect([first.requests, last.requests]).toEqual([100_001, 1_000_004]) // gaps of 0.2 ms are not exact
  expect(last.heldBytes - first.heldBytes).toBeLessThan(MIB) // 0.04 to 0.33 MiB in several runs
})

it('holds less than a KiB for a flight under way, and lets go of it', async () => {
  const { marks, endedBytes, underWay } = await runOf('flights')
  expect(underWay).toBe(10_000)
  const released = marks.at(-1)!.heldBytes - endedBytes
  expect(released).toBeGreaterThan(3 * MIB) // 4.4 MiB in several runs
  expect(released).toBeLessThan(10 * MIB)
})
