import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { manualClock, storeContract } from '@model-canary/testing'
import { it } from 'vitest'
import { folderStore } from './folder-store.js'

storeContract({ it }, 'folderStore', async () => {
  const clock = manualClock()
  const path = await mkdtemp(join(tmpdir(), 'folder-store-'))
  return {
    open: () => folderStore(path, { clock }),
    passTime: (ms) => clock.advance(ms),
    close: () => rm(path, { recursive: true }),
  }
})
