import { execFileSync } from 'node:child_process'
import { closeSync, openSync, rmSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { inFolder } from './folder.fixture.js'
import { folderStore } from './folder-store.js'
import { inTurn } from './turns.js'

const signal = new AbortController().signal

/** Runs a test while the folder's latest state is a pipe: opening it keeps a thread, as a disk that hangs does. */
async function whileDiskHangs(path: string, act: () => Promise<void>): Promise<void> {
  const pipe = join(path, 'state.9')
  execFileSync('mkfifo', [pipe])
  try {
    await act()
  } finally {
    const writer = openSync(pipe, 'r+') // those that wait go on
    rmSync(pipe)
    closeSync(writer)
  }
}

const noThreadLeft = (afterMs: number) =>
  new Promise((_, reject) => setTimeout(reject, afterMs, new Error('no thread is left')).unref())

describe.skipIf(process.platform === 'win32')('a disk that does not answer', () => {
  inFolder('leaves threads of Node to the service', async (path) => {
    const stores = [folderStore(path), folderStore(path)]
    await stores[0]!.write({ expect: null, head: { tag: 'a' } as never }, signal)
    const loads: Promise<unknown>[] = []
    await whileDiskHangs(path, async () => {
      for (const store of [...stores, ...stores, ...stores, ...stores]) loads.push(store.load(signal))
      for (let file = 0; file < 20; file += 1) await Promise.race([stat('/'), noThreadLeft(5_000)])
    })
    const [first] = await Promise.all(loads)
    expect(first).toMatchObject({ head: { tag: 'a' } })
  })

  inFolder('keeps 128 calls waiting at most, and refuses the next ones', async (path) => {
    const store = folderStore(path)
    await store.write({ expect: null, head: { tag: 'a' } as never }, signal)
    const loads: Promise<unknown>[] = []
    await whileDiskHangs(path, async () => {
      for (let call = 0; call < 128; call += 1) loads.push(store.load(signal))
      await expect(store.load(signal)).rejects.toThrow(
        /^\[STORE_UNUSABLE\] the folder ".*" cannot be used: its disk does not answer; check the disk$/,
      )
    })
    await Promise.all(loads)
    expect(await store.load(signal)).toMatchObject({ head: { tag: 'a' } })
  })
})

describe('operations on files', () => {
  it('are two at once, in their order, also after one that failed', async () => {
    const begun: number[] = []
    const ends: (() => void)[] = []
    const operation = (number: number) => () => {
      begun.push(number)
      return new Promise<number>((resolve, reject) => {
        ends[number] = () => (number === 1 ? reject(new Error('failed')) : resolve(number))
      })
    }
    const all = [0, 1, 2, 3].map((number) => inTurn(operation(number)))
    expect(begun).toEqual([0, 1])
    ends[1]!()
    await expect(all[1]).rejects.toThrow('failed')
    expect(begun).toEqual([0, 1, 2])
    ends[2]!()
    expect(await all[2]).toBe(2)
    expect(begun).toEqual([0, 1, 2, 3])
    ends[0]!()
    ends[3]!()
    expect(await Promise.all([all[0], all[3]])).toEqual([0, 3])
  })
})
