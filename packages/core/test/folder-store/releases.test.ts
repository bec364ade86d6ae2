import { type Canary, createCanary } from '@model-canary/core'
import { folderStore } from '@model-canary/core/folder-store'
import { describe, expect, vi } from 'vitest'
import { inFolder } from '../../src/folder-store/folder.fixture.js'

const PATIENCE = { timeout: 20_000, interval: 20 }
const release = { baseline: 'v1', canary: 'v2' }
const next = { baseline: 'v2', canary: 'v3' }

type MakeProcess = (versions: { readonly baseline: string; readonly canary: string }) => Canary

/** Registers a test with processes over one folder, each with a store of its own. They are closed before it is removed. */
const withProcesses = (name: string, act: (processOf: MakeProcess) => Promise<void>): void =>
  inFolder(name, async (path) => {
    const closers: (() => Promise<void>)[] = []
    const processOf: MakeProcess = (versions) => {
      const store = folderStore(path)
      const canary = createCanary({
        ...{ name: 'sentiment', versions, store, logger: false, plan: [10, 100], intervalMs: 250 },
        ...{ warmUp: { durationMs: 0 }, bake: { durationMs: 0 } },
      })
      closers.push(canary.close, store.close)
      return canary
    }
    try {
      await act(processOf)
    } finally {
      for (const close of closers) await close()
    }
  })

/** The version that serves everybody, or the share of the second one. */
function servedBy(canary: Canary): string {
  const { versions, weight } = canary.status()
  return weight === 0 ? versions.baseline : weight === 100 ? versions.canary : `${weight} % ${versions.canary}`
}

const serve = (canaries: readonly Canary[], expected: readonly string[]) =>
  expect.poll(() => canaries.map(servedBy), PATIENCE).toEqual(expected)

describe('releases side by side in a folder', () => {
  withProcesses('begin one after the other, and each keeps its end, also over a restart', async (processOf) => {
    const old = processOf(release)
    const young = processOf(next)
    await old.start()
    await serve([old], ['10 % v2'])
    await expect(young.start()).rejects.toMatchObject({ code: 'RELEASE_LIVE' })
    await old.promote({ full: true })
    await young.start()
    await serve([old, young], ['v2', '10 % v3'])
    await expect(old.retry()).rejects.toMatchObject({ code: 'RELEASE_LIVE' })

    await young.rollback()
    await serve([old, young], ['v2', 'v2'])
    const restarted = [processOf(release), processOf(next)]
    for (const canary of restarted) await canary.start()
    await serve(restarted, ['v2', 'v2'])
    expect(restarted.map((canary) => canary.status().state)).toEqual(['promoted', 'rolled-back'])
  })

  withProcesses('have one kill switch', async (processOf) => {
    const [old, young] = [processOf(release), processOf(next)]
    await old.start()
    await old.promote({ full: true })
    await young.start()
    await serve([old, young], ['v2', '10 % v3'])
    await old.disable()
    await vi.waitUntil(() => !young.status().enabled, PATIENCE)
    await young.enable()
    await vi.waitUntil(() => old.status().enabled, PATIENCE)
    await serve([old, young], ['v2', '10 % v3'])
  })
})
