import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { manualClock } from '@model-canary/testing'
import { describe, expect } from 'vitest'
import type { StateStore } from '../rollout/store.js'
import { systemClock } from '../runtime/clock.js'
import { inFolder } from './folder.fixture.js'
import { folderStore } from './folder-store.js'
import { openFolder } from './local-folder.js'
import { readState, writeState } from './state-files.js'

const signal = new AbortController().signal

const ask = (store: StateStore, id: string, ttlMs = 1_000) => store.fleet!.lease({ id, ttlMs, leastFence: 0 }, signal)

describe('the lease in a folder', () => {
  inFolder('runs out by the clock of the process that looks, from its first look on', async (path) => {
    const [holders, others] = [manualClock(), manualClock()]
    const [holder, other] = [folderStore(path, { clock: holders }), folderStore(path, { clock: others })]
    await ask(holder, 'holder')
    await others.advance(3_600_000)
    expect(await ask(other, 'other')).toMatchObject({ isMine: false, leftMs: 1_000 })
    await others.advance(600)
    await ask(holder, 'holder')
    expect(await ask(other, 'other')).toMatchObject({ isMine: false, leftMs: 1_000 })
    await others.advance(999)
    expect(await ask(other, 'other')).toMatchObject({ isMine: false, leftMs: 1 })
    await others.advance(1)
    expect(await ask(other, 'other')).toMatchObject({ isMine: true, fence: 2 })
  })

  inFolder('is not written again with each renewal', async (path) => {
    const store = folderStore(path)
    for (let renewal = 0; renewal < 20; renewal += 1) await ask(store, 'one', 60_000)
    expect((await readdir(path)).sort()).toEqual(['lease.1', 'state.1'])
  })

  inFolder('makes a write too late that was prepared before it was taken', async (path) => {
    const store = folderStore(path)
    await store.write({ expect: null, head: { tag: 'a' } as never }, signal)
    const folder = openFolder(path, systemClock)
    const before = await readState(folder)
    await ask(store, 'other')
    expect(await writeState(folder, before, { ...before, head: { tag: 'b' } as never })).toBe(false)
    expect((await store.load(signal))!.head.tag).toBe('a')
  })

  inFolder('is held for as long as was asked if its file of renewals is damaged', async (path) => {
    const clock = manualClock()
    const store = folderStore(path, { clock })
    await ask(store, 'one')
    await ask(store, 'one', 60_000)
    await writeFile(join(path, 'lease.1'), 'nonsense')
    expect((await ask(store, 'other')).leftMs).toBe(1_000)
  })
})
