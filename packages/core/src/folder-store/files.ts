import { constants } from 'node:fs'
import { type FileHandle, link, mkdir, open, readdir, rename, rm, stat, utimes } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { CanaryError } from '../foundation/errors.js'
import type { Clock } from '../runtime/clock.js'
import { inTurn } from './turns.js'

/** The most bytes of a file that is written or read. */
const MOST_BYTES = 33_554_432

/** The files of one folder, by their names in it; `/` leads into a folder inside. */
export interface Files {
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

/** Returns the files of a folder. */
export function filesIn(root: string, clock: Clock): Files {
  const pathOf = (name: string): string => join(root, name)
  return {
    pathOf,
    list: (folder = '') => inTurn(() => readdir(pathOf(folder)).catch(unlessMissing([]))),
    read: (name) => inTurn(() => readText(pathOf(name))),
    write: (name, content, isDurable = false) => inTurn(() => writeNew(pathOf(name), content, isDurable)),
    move: (from, to) => inTurn(() => rename(pathOf(from), pathOf(to))),
    claim: (from, to) => inTurn(() => link(pathOf(from), pathOf(to)).then(() => true, unless('EEXIST', false))),
    ageMs: (name) => inTurn(() => ageOf(pathOf(name), clock.now())),
    touch: (name) => inTurn(() => touchFile(pathOf(name), clock.now() / 1_000)),
    sync: () => inTurn(() => syncFolder(root)),
    remove: (name) => inTurn(() => rm(pathOf(name), { force: true, recursive: true })),
  }
}

/** Returns the code of an error of the file system. */
export const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException | null)?.code

/** Returns what to do with an error: one with this code stands for a value. */
const unless =
  <Value>(code: string, value: Value) =>
  (error: unknown): Value => {
    if (codeOf(error) === code) return value
    throw error
  }

const unlessMissing = <Value>(value: Value) => unless('ENOENT', value)

/** Writes a file for this user alone. A file that a killed process left under this name is removed. */
async function writeNew(path: string, content: string, isDurable: boolean): Promise<void> {
  if (content.length > MOST_BYTES) throw tooLarge(path)
  const file = await openNew(path)
  try {
    await file.writeFile(content)
    if (isDurable) await file.datasync()
  } finally {
    await file.close()
  }
}

/**
 * Creates a folder and those above it that are missing, for this user alone. The option `recursive` of Node is not used:
 * where nothing can be created below a folder that exists, as in `/proc` or at a mount point, it tries forever.
 */
export async function makeFolder(path: string): Promise<void> {
  const make = () => mkdir(path, { mode: 0o700 }).catch(unless('EEXIST', undefined))
  await make().catch(async (error) => {
    if (codeOf(error) !== 'ENOENT' || dirname(path) === path) throw error
    await makeFolder(dirname(path))
    await make()
  })
}

function openNew(path: string): Promise<FileHandle> {
  const create = () => open(path, 'wx', 0o600)
  return create().catch(async (error) => {
    if (codeOf(error) === 'EEXIST') await rm(path)
    else if (codeOf(error) === 'ENOENT') await makeFolder(dirname(path))
    else throw error
    return create()
  })
}

function readText(path: string): Promise<string | undefined> {
  return open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0)).then(textOf, unlessMissing(undefined))
}

async function textOf(file: FileHandle): Promise<string> {
  try {
    if ((await file.stat()).size > MOST_BYTES) throw tooLarge('a file')
    return await file.readFile('utf8')
  } finally {
    await file.close()
  }
}

const ageOf = (path: string, now: number): Promise<number | undefined> =>
  stat(path).then(({ mtimeMs }) => Math.max(0, now - mtimeMs), unlessMissing(undefined))

const touchFile = (path: string, seconds: number): Promise<boolean> =>
  utimes(path, seconds, seconds).then(() => true, unlessMissing(false))

async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return // it has no such call
  const folder = await open(path, constants.O_RDONLY)
  await folder.sync().finally(() => folder.close())
}

const tooLarge = (name: string): CanaryError =>
  new CanaryError(
    'STORE_UNUSABLE',
    `${name} has more than ${MOST_BYTES} bytes; lower maxStoredBytes, or empty the folder`,
  )
