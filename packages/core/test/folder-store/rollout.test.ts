import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createCanary } from '@model-canary/core'
import { folderStore } from '@model-canary/core/folder-store'
import { describe, expect, vi } from 'vitest'
import { inFolder } from '../../src/folder-store/folder.fixture.js'

const start = async (path: string) => {
  const canary = createCanary({
    name: 'sentiment',
    versions: { baseline: 'v1', canary: 'v2' },
    plan: [10, 50, 100],
    warmUp: { durationMs: 0 },
    store: folderStore(path),
    logger: false,
  })
  const alerts: string[] = []
  canary.on('alert', ({ about, message }) => alerts.push(`${about}: ${message}`))
  await canary.start()
  return { canary, alerts }
}

describe('a rollout in a folder', () => {
  inFolder('is rolled back in every process, and after a restart', async (path) => {
    const [one, other] = [await start(path), await start(path)]
    await one.canary.rollback({ reason: 'it was wrong' })
    await vi.waitUntil(() => other.canary.status().state === 'rolled-back', { timeout: 10_000, interval: 5 })
    await Promise.all([one.canary.close(), other.canary.close()])
    const restarted = await start(path)
    expect(restarted.canary.status()).toMatchObject({ state: 'rolled-back', weight: 0 })
    await restarted.canary.close()
  })

  inFolder('does not fail to start, and tells what is wrong, if the folder cannot be used', async (path) => {
    await writeFile(join(path, 'file'), '')
    const { canary, alerts } = await start(join(path, 'file', 'inner'))
    expect(canary.status()).toMatchObject({ state: 'idle', weight: 0 })
    expect(alerts).toEqual([
      `store: [STORE_UNUSABLE] the folder "${path}/file/inner" cannot be used: it is not a folder; pass another path`,
    ])
    await canary.close()
  })
})
