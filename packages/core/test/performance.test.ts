import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

interface Allocation {
  readonly bytesPerRecord: number
  readonly bytesPerFlight: number
  readonly bytesPerIdleFlight: number
  readonly bytesAVersion: number
  readonly heldFew: number
  readonly heldMany: number
}

const KIB = 1_024
const folder = mkdtempSync(join(tmpdir(), 'model-canary-'))
const path = (name: string) => fileURLToPath(new URL(name, import.meta.url))
let allocation: Allocation | undefined

/** The maximum memory of a version that counts scores in one step. Code compiled meanwhile is counted too, up to 20 KiB more on a busy machine. */
const MOST_HELD = 128 * KIB

/** Whether the compiler keeps every number off the heap varies between processes. The code must make it possible. */
const ATTEMPTS = 6

/** Runs in its own process, from the sources, so that the test runner is not measured too. */
beforeAll(async () => {
  await build({
    configFile: false,
    logLevel: 'silent',
    ssr: { noExternal: true },
    build: { ssr: path('../src/judge.ts'), outDir: folder, rollupOptions: { output: { entryFileNames: 'core.mjs' } } },
  })
  const flags = ['--expose-gc', '--min-semi-space-size=128', '--max-semi-space-size=128']
  const args = [...flags, path('./performance/allocation.mjs'), join(folder, 'core.mjs')]
  for (let attempt = 0; attempt < ATTEMPTS && !isFit(); attempt++) {
    allocation = JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' })) as Allocation
  }
}, 240_000)

function isFit(): boolean {
  if (allocation === undefined) return false
  const { bytesPerRecord, bytesPerFlight, bytesPerIdleFlight, heldFew, heldMany } = allocation
  return Math.max(bytesPerRecord, bytesPerFlight, bytesPerIdleFlight) < 1 && Math.max(heldFew, heldMany) < MOST_HELD
}

afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('a recorder', () => {
  it('allocates nothing per record', () => {
    expect(allocation?.bytesPerRecord).toBeLessThan(1) // the smallest object takes 16
  })

  it('allocates nothing per flight, also with a key', () => {
    expect(allocation?.bytesPerFlight).toBeLessThan(1)
  })

  it('allocates nothing per flight that is counted by its bucket', () => {
    expect(allocation?.bytesPerIdleFlight).toBeLessThan(1)
  })

  it('documents that a version takes at most 72 KiB, including windows of the baseline, and 95 KiB more with scores', () => {
    expect(allocation?.bytesAVersion).toBeLessThanOrEqual((72 + 95) * KIB)
  })

  it('takes at most that, and the same after a million records as after a thousand', () => {
    expect(allocation?.heldFew).toBeLessThan(MOST_HELD)
    expect(allocation?.heldMany).toBeLessThan(MOST_HELD)
    expect(allocation!.heldMany - allocation!.heldFew).toBeLessThan(2 * KIB)
  })
})
