import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { systemClock } from '../runtime/clock.js'
import { inFolder } from './folder.fixture.js'
import { folderStore } from './folder-store.js'
import { openFolder } from './local-folder.js'

const fileSystem = vi.hoisted(() => ({ type: undefined as number | undefined }))

vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof import('node:fs/promises')>()
  const statfs = async (path: string) => ({ ...(await real.statfs(path)), ...(fileSystem.type && fileSystem) })
  /** Below some folders, such as /proc, nothing can be made; Node then tries forever to make the parents. */
  const mkdir = async (path: string, options?: { readonly recursive?: boolean }) => {
    if (!path.includes('unmakeable')) return real.mkdir(path, options)
    if (options?.recursive === true) return new Promise(() => {})
    throw Object.assign(new Error(path), { code: 'ENOENT' })
  }
  return { ...real, statfs, mkdir }
})

afterEach(() => {
  fileSystem.type = undefined
})

const signal = new AbortController().signal

const failure = (code: string) => Object.assign(new Error(code), { code })

describe('the folder', () => {
  inFolder('is created at the first call, for this user alone', async (path) => {
    const inner = join(path, 'a', 'b')
    const store = folderStore(inner)
    expect(await readdir(path)).toEqual([])
    expect(await store.load(signal)).toBeUndefined()
    expect((await stat(inner)).mode & 0o777).toBe(0o700)
  })

  inFolder('holds files that no other user can read', async (path) => {
    await folderStore(path).write({ expect: null, head: { tag: 'a' } as never }, signal)
    expect((await stat(join(path, 'state.1'))).mode & 0o777).toBe(0o600)
  })

  inFolder('is created again if it was removed', async (path) => {
    const store = folderStore(join(path, 'inner'))
    await store.write({ expect: null, head: { tag: 'a' } as never }, signal)
    await rm(join(path, 'inner'), { recursive: true })
    expect(await store.load(signal)).toBeUndefined()
    expect(await store.write({ expect: null, head: { tag: 'b' } as never }, signal)).toEqual({ kind: 'written' })
  })

  for (const [kind, type] of [
    ['NFS', 0x6969],
    ['CIFS', 0xff534d42],
    ['FUSE', 0x65735546],
  ] as const) {
    inFolder(`is refused on ${kind}, by every call`, async (path) => {
      fileSystem.type = type
      const store = folderStore(path)
      const message = new RegExp(`^\\[STORE_NOT_LOCAL\\] the folder ".*" is on a file system of the kind ${kind}; two`)
      for (let attempt = 0; attempt < 2; attempt += 1) {
        await expect(store.load(signal)).rejects.toThrow(message)
        await expect(store.write({ expect: null, head: { tag: 'a' } as never }, signal)).rejects.toThrow(message)
        await expect(store.fleet!.members(signal)).rejects.toThrow(message)
        await expect(store.fleet!.lease({ id: 'a', release: true }, signal)).rejects.toThrow(message)
      }
      expect(await readdir(path)).toEqual([])
    })
  }

  inFolder('is taken up as soon as it can be used', async (path) => {
    await writeFile(join(path, 'file'), '')
    const store = folderStore(join(path, 'file'))
    await expect(store.load(signal)).rejects.toThrow('[STORE_UNUSABLE]')
    await rm(join(path, 'file'))
    expect(await store.load(signal)).toBeUndefined()
  })

  inFolder('is not there below a file', async (path) => {
    await writeFile(join(path, 'file'), '')
    await expect(folderStore(join(path, 'file', 'inner')).load(signal)).rejects.toThrow(
      /^\[STORE_UNUSABLE\] the folder ".*inner" cannot be used: it is not a folder; pass another path$/,
    )
  })

  for (const [code, advice] of [
    ['ENOSPC', 'the disk is full; free some space'],
    ['EROFS', 'the file system is read-only; pass a folder that this process can write'],
    [
      'ENOENT',
      'it cannot be created, as on a read-only file system, or it was removed; pass a folder that can be written',
    ],
    ['EACCES', 'this process may not use it; change its owner, or pass another folder'],
    ['EIO', 'it answered EIO; see the cause'],
  ] as const) {
    inFolder(`says what to do about ${code}`, async (path) => {
      const error = failure(code)
      const use = openFolder(path, systemClock).use(() => Promise.reject(error))
      await expect(use).rejects.toMatchObject({ code: 'STORE_UNUSABLE', cause: error })
      await expect(use).rejects.toThrow(`the folder "${path}" cannot be used: ${advice}`)
    })
  }

  inFolder('passes on errors that are not of the file system', async (path) => {
    const error = new Error('no longer wanted')
    await expect(openFolder(path, systemClock).use(() => Promise.reject(error))).rejects.toBe(error)
  })

  inFolder('holds no file that is too large to be read again', async (path) => {
    const folder = openFolder(path, systemClock)
    await expect(folder.write('state.1', 'x'.repeat(33_554_433))).rejects.toThrow(
      /^\[STORE_UNUSABLE\] .*state\.1 has more than 33554432 bytes; lower/,
    )
    await mkdir(join(path, 'inner'))
    await expect(folder.read('inner')).rejects.toThrow()
  })
})

describe('folderStore', () => {
  inFolder('is refused if it cannot be made below one that exists', async (path) => {
    const store = folderStore(join(path, 'unmakeable'))
    await expect(store.load(signal)).rejects.toMatchObject({
      code: 'STORE_UNUSABLE',
      message: expect.stringContaining('it cannot be created'),
    })
  })

  it('checks its options at once', () => {
    expect(() => folderStore('')).toThrow('[INVALID_OPTION] the path of folderStore must be a string of 1 to 4096')
    expect(() => folderStore(7 as never)).toThrow('[INVALID_OPTION]')
    expect(() => folderStore('x', { clok: 1 } as never)).toThrow('[UNKNOWN_OPTION] folderStore has no option "clok"')
  })

  inFolder('writes nothing for a call that is no longer wanted', async (path) => {
    const store = folderStore(path)
    const ended = AbortSignal.abort(new Error('too late'))
    await expect(store.write({ expect: null, head: { tag: 'a' } as never }, ended)).rejects.toThrow('too late')
    expect(await store.load(signal)).toBeUndefined()
  })
})
