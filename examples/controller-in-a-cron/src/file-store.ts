import { randomUUID } from 'node:crypto'
import { link, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { StateStore, StoredRollout } from '@model-canary/core/controller'
import { readJson } from './json-file.js'

/** How many revisions stay: enough that a slow writer cannot take the number of one that is gone. */
const KEPT = 20

const REVISION = /^rollout\.(\d+)\.json$/

/**
 * A store in a folder: one file for each revision, the highest number is the state.
 *
 * A file is written aside and then linked to its name. Both come in one step of the file system: the whole content
 * appears at once, and `link` refuses a name that is taken, which `rename` would overwrite. So of two processes that
 * write the same revision exactly one wins.
 */
export function fileStore(folder: string): StateStore {
  const fileOf = (revision: number): string => join(folder, `rollout.${revision}.json`)

  const newest = async (): Promise<number> => {
    const names = await readdir(folder)
    return Math.max(0, ...names.map((name) => Number(REVISION.exec(name)?.[1] ?? 0)))
  }

  return {
    load: async () => (await readJson(fileOf(await newest()))) as StoredRollout | undefined,
    async compareAndSet(next, expectedRevision) {
      if ((await newest()) !== expectedRevision) return false
      const draft = join(folder, `rollout.${randomUUID()}.draft`)
      await writeFile(draft, JSON.stringify(next))
      const isWritten = await link(draft, fileOf(next.revision)).then(
        () => true,
        (error: NodeJS.ErrnoException) => {
          if (error.code === 'EEXIST') return false
          throw error
        },
      )
      await rm(draft)
      if (isWritten) await rm(fileOf(next.revision - KEPT), { force: true })
      return isWritten
    },
    subscribe: () => () => {}, // a process that lives for one turn waits for no news
    close: async () => {},
  }
}
