import { statfs } from 'node:fs/promises'
import { resolve } from 'node:path'
import { CanaryError, isCanaryError } from '../foundation/errors.js'
import { text } from '../foundation/options.js'
import type { Clock } from '../runtime/clock.js'
import { codeOf, type Files, filesIn, makeFolder } from './files.js'
import { inTurn } from './turns.js'

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
  ENOENT: 'it cannot be created, as on a read-only file system, or it was removed; pass a folder that can be written',
  EACCES: 'this process may not use it; change its owner, or pass another folder',
  EPERM: 'this process may not use it, or the file system has no hard links; pass another folder',
  ENOTDIR: 'it is not a folder; pass another path',
  EEXIST: 'it is not a folder; pass another path',
}

/** How many calls of one folder may wait for its disk: each keeps what it is to write. */
const MOST_PENDING = 128

/** One folder of the local file system. */
export interface LocalFolder extends Files {
  /** Runs a task with the folder, which is created if it is missing. Rejects with a coded error. */
  use<Result>(task: () => Promise<Result>): Promise<Result>
}

/** Opens a folder. Nothing is read or created before {@link LocalFolder.use}. */
export function openFolder(path: string, clock: Clock): LocalFolder {
  const root = resolve(text('the path of folderStore', path, 4_096))
  let prepared: Promise<void> | undefined
  let pending = 0
  return {
    ...filesIn(root, clock),
    async use(task) {
      if (pending >= MOST_PENDING) throw unanswered(root)
      pending += 1
      try {
        await (prepared ??= prepare(root))
        return await task()
      } catch (error) {
        prepared = undefined // the next call looks at the folder again
        throw codedError(root, error)
      } finally {
        pending -= 1
      }
    },
  }
}

/** Creates the folder if it is missing, and refuses file systems on which a hard link is not decided by this host. */
async function prepare(root: string): Promise<void> {
  await inTurn(() => makeFolder(root))
  const { type } = await inTurn(() => statfs(root))
  const kind = NOT_LOCAL.get(type)
  if (kind === undefined) return
  const advice = 'two hosts could both win a write; pass a folder on a local disk, or use a store on the network'
  throw new CanaryError('STORE_NOT_LOCAL', `the folder "${root}" is on a file system of the kind ${kind}; ${advice}`)
}

const unanswered = (root: string): CanaryError =>
  new CanaryError('STORE_UNUSABLE', `the folder "${root}" cannot be used: its disk does not answer; check the disk`)

/** Returns an error of the file system as one with a code, and with what to do about it. */
function codedError(root: string, error: unknown): unknown {
  const code = codeOf(error)
  if (isCanaryError(error) || code === undefined || !/^E[A-Z]+$/.test(code)) return error
  const advice = ADVICE[code] ?? `it answered ${code}; see the cause`
  return new CanaryError('STORE_UNUSABLE', `the folder "${root}" cannot be used: ${advice}`, { cause: error })
}
