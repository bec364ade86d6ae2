import { constants } from 'node:fs'
import { type FileHandle, link, mkdir, open, readdir, rename, rm, stat, statfs, utimes } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { CanaryError, isCanaryError } from '../foundation/errors.js'
import { text } from '../foundation/options.js'
import type { Clock } from '../runtime/clock.js'

/** The most bytes of a file that is written or read. */
const MOST_BYTES = 33_554_432

/** The file systems of other hosts and of other processes, by the number that Linux gives them. */
const NOT_LOCAL: ReadonlyMap<number, string> = new Map([
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xff534d42, 'CIFS'],
  [0xfe534d42, 'SMB2'],
  [0x65735546, 'FUSE'],
  [0x01021997, '9P'],
  [0x00c36400, 'Ceph'],
  [0x786f4256, 'VirtualBox'],
])

/** What to do about an error of the file system. */
const ADVICE: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full; free some space',
  EDQUOT: 'the quota is used up; free some space',
  EROFS: 'the file system is read-only; pass a folder that this process can write',
  EACCES: 'this process may not use it; change its owner, or pass another folder',
  EPERM: 'this process may not use it, or the file system has no hard links; pass another folder',
  ENOTDIR: 'it is not a folder; pass another path',
  EEXIST: 'it is not a folder; pass another path',
}

/** One folder of the local file system. Names are those of files in it, with slashes. */
export interface LocalFolder {
  /** Runs a task with the folder, which is created if it is missing. Rejects with a coded error. */
  use<Result>(task: () => Promise<Result>): Promise<Result>
  /** Returns the names in a folder; an empty list if it is missing. */
  list(folder?: string): Promise<readonly string[]>
  /** Returns the text of a file; `undefined` if it is missing. Symbolic links are not followed. */
  read(name: string): Promise<string | undefined>
  /** Writes a new file. `isDurable` also waits for the disk. */
  write(name: string, content: string, isDurable?: boolean): Promise<void>
  /** Gives a file its final name, over a file that has it. */
  move(from: string, to: string): Promise<void>
  /** Gives a file another name; resolves to false if a file has it. */
  claim(from: string, to: string): Promise<boolean>
  /** Returns the time since a file was written, in milliseconds; `undefined` if it is missing. */
  ageMs(name: string): Promise<number | undefined>
  /** Notes that a file is still in use; resolves to false if it is missing. */
  touch(name: string): Promise<boolean>
  /** Waits until the names in the folder are on the disk. */
  sync(): Promise<void>
  /** Removes a file, or a folder with everything in it. */
  remove(name: string): Promise<void>
  /** The path of a file. */
  pathOf(name: string): string
}

/** Opens a folder. Nothing is read or created before {@link LocalFolder.use}. */
export function openFolder(path: string, clock: Clock): LocalFolder {
  const root = resolve(text('the path of folderStore', path, 4_096))
  const pathOf = (name: string): string => join(root, name)
  let prepared: Promise<void> | undefined

  return {
    pathOf,
    async use(task) {
      try {
        await (prepared ??= prepare(root))
        return await task()
      } catch (error) {
        prepared = undefined // the next call looks at the folder again
        throw codedError(root, error)
      }
    },
    list: (folder = '') => readdir(pathOf(folder)).catch(unlessMissing([])),
    read: (name) =>
      open(pathOf(name), constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0)).then(textOf, unlessMissing(undefined)),
    async write(name, content, isDurable = false) {
      if (content.length > MOST_BYTES) throw tooLarge(name)
      const file = await openNew(root, name)
      try {
        await file.writeFile(content)
        if (isDurable) await file.datasync()
      } finally {
        await file.close()
      }
    },
    move: (from, to) => rename(pathOf(from), pathOf(to)),
    claim: (from, to) =>
      link(pathOf(from), pathOf(to)).then(
        () => true,
        (error) => {
          if (codeOf(error) === 'EEXIST') return false
          throw error
        },
      ),
    ageMs: (name) =>
      stat(pathOf(name)).then(({ mtimeMs }) => Math.max(0, clock.now() - mtimeMs), unlessMissing(undefined)),
    touch: (name) => {
      const at = clock.now() / 1_000
      return utimes(pathOf(name), at, at).then(() => true, unlessMissing(false))
    },
    async sync() {
      if (process.platform === 'win32') return // it has no such call
      const folder = await open(root, constants.O_RDONLY)
      await folder.sync().finally(() => folder.close())
    },
    remove: (name) => rm(pathOf(name), { force: true, recursive: true }),
  }
}

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException | null)?.code

/** Returns what to do with an error: a missing file is no error. */
const unlessMissing =
  <Value>(value: Value) =>
  (error: unknown): Value => {
    if (codeOf(error) === 'ENOENT') return value
    throw error
  }

/** Creates the folder if it is missing, and refuses file systems on which a hard link is not decided by this host. */
async function prepare(root: string): Promise<void> {
  await mkdir(root, { recursive: true, mode: 0o700 })
  const kind = NOT_LOCAL.get((await statfs(root)).type)
  if (kind === undefined) return
  const advice = 'two hosts could both win a write; pass a folder on a local disk, or use a store on the network'
  throw new CanaryError('STORE_NOT_LOCAL', `the folder "${root}" is on a file system of the kind ${kind}; ${advice}`)
}

/** Creates a file for this user alone, and the folder that it is in. */
async function openNew(root: string, name: string): Promise<FileHandle> {
  const create = () => open(join(root, name), 'wx', 0o600)
  return create().catch(async (error) => {
    if (codeOf(error) === 'EEXIST') await rm(join(root, name), { force: true })
    else if (codeOf(error) === 'ENOENT') await mkdir(join(root, name, '..'), { recursive: true, mode: 0o700 })
    else throw error
    return create()
  })
}

async function textOf(file: FileHandle): Promise<string> {
  try {
    const { size } = await file.stat()
    if (size > MOST_BYTES) throw tooLarge('a file')
    return await file.readFile('utf8')
  } finally {
    await file.close()
  }
}

const tooLarge = (name: string): CanaryError =>
  new CanaryError(
    'STORE_UNUSABLE',
    `${name} has more than ${MOST_BYTES} bytes; lower maxStoredBytes, or empty the folder`,
  )

/** Returns an error of the file system as one with a code, and with what to do about it. */
function codedError(root: string, error: unknown): unknown {
  const code = codeOf(error)
  if (isCanaryError(error) || code === undefined || !/^E[A-Z]+$/.test(code)) return error
  const advice = ADVICE[code] ?? `it answered ${code}; see the cause`
  return new CanaryError('STORE_UNUSABLE', `the folder "${root}" cannot be used: ${advice}`, { cause: error })
}
