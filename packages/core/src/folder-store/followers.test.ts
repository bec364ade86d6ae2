import { manualClock } from '@model-canary/testing'
import { afterEach, describe, expect, vi } from 'vitest'
import type { Head } from '../rollout/records.js'
import { inFolder } from './folder.fixture.js'
import { folderStore } from './folder-store.js'
import { followHeads } from './followers.js'
import { openFolder } from './local-folder.js'

const watching = vi.hoisted(() => ({ isPossible: true, change: (_: string, __: string | null): void => {} }))

vi.mock('node:fs', async (original) => {
  const real = await original<typeof import('node:fs')>()
  const watch: typeof real.watch = (...args: unknown[]) => {
    if (!watching.isPossible) throw Object.assign(new Error('too many watchers'), { code: 'ENOSPC' })
    watching.change = args[2] as typeof watching.change
    return Reflect.apply(real.watch, undefined, args)
  }
  return { ...real, watch }
})

afterEach(() => {
  watching.isPossible = true
})

const signal = new AbortController().signal

/** Lets the clock pass until a fact is true. */
async function until(clock: ReturnType<typeof manualClock>, stepMs: number, fact: () => boolean): Promise<void> {
  for (let waited = 0; !fact(); waited += 1) {
    expect(waited).toBeLessThan(2_000)
    await clock.advance(stepMs)
  }
}

describe('a follower', () => {
  inFolder('hears of writes from the operating system, while the clock stands still', async (path) => {
    const clock = manualClock()
    const heard: Head[] = []
    const end = folderStore(path, { clock }).follow((head) => heard.push(head))
    await until(clock, 0, () => clock.pending === 1)
    await folderStore(path).write({ expect: null, head: { tag: 'a' } as never }, signal)
    await until(clock, 0, () => heard.length > 0)
    end()
    expect(heard).toEqual([{ tag: 'a' }])
    expect(clock.pending).toBe(0)
  })

  inFolder('hears of writes by looking each second where the folder cannot be watched', async (path) => {
    watching.isPossible = false
    const clock = manualClock()
    const heard: Head[] = []
    const end = folderStore(path, { clock }).follow((head) => heard.push(head))
    await until(clock, 0, () => clock.pending === 1)
    await folderStore(path).write({ expect: null, head: { tag: 'a' } as never }, signal)
    await clock.advance(999)
    expect(heard).toEqual([])
    await until(clock, 1, () => heard.length > 0)
    end()
  })

  inFolder('hears of each head once, and of the present one first', async (path) => {
    const clock = manualClock()
    const store = folderStore(path, { clock })
    await store.write({ expect: null, head: { tag: 'a' } as never }, signal)
    const heard: Head[] = []
    const end = store.follow((head) => heard.push(head))
    await until(clock, 0, () => heard.length > 0)
    await store.fleet!.lease({ id: 'one', ttlMs: 1_000, leastFence: 0 }, signal)
    await until(clock, 1_000, () => clock.elapsed() > 5_000)
    end()
    expect(heard).toEqual([{ tag: 'a' }])
  })

  inFolder('reads again for what changes during a read', async (path) => {
    const clock = manualClock()
    const reads: ((head: Head | null) => void)[] = []
    const heard: string[] = []
    const headNow = () => new Promise<Head | null>((resolve) => reads.push(resolve))
    const end = followHeads(openFolder(path, clock), clock, headNow, ({ tag }) => heard.push(tag))
    watching.change('rename', 'draft.1')
    await clock.advance(0)
    expect(reads.length).toBe(1)
    watching.change('rename', 'state.2')
    reads[0]!({ tag: 'a' } as never)
    await clock.advance(0)
    expect(reads.length).toBe(2)
    reads[1]!({ tag: 'b' } as never)
    await clock.advance(0)
    expect([heard, reads.length]).toEqual([['a', 'b'], 2])
    watching.change('rename', null)
    await clock.advance(0)
    expect(reads.length).toBe(3)
    end()
  })

  inFolder('goes on after a listener that throws', async (path) => {
    const clock = manualClock()
    const store = folderStore(path, { clock })
    const heard: string[] = []
    const end = store.follow(({ tag }) => {
      heard.push(tag)
      throw new Error('a fault of the listener')
    })
    for (const [expect, tag] of [
      [null, 'a'],
      ['a', 'b'],
    ] as const) {
      await store.write({ expect, head: { tag } as never }, signal)
      await until(clock, 1_000, () => heard.includes(tag))
    }
    end()
  })
})
