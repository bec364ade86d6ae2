import { randomUUID } from 'node:crypto'
import { link, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DECISIONS_LOADED, type Records, type StateStore } from '@model-canary/core/controller'
import { readJson } from './json-file.js'

/** How many writes are kept: enough that a slow writer cannot reuse the number of a deleted one. */
const KEPT = 20

const FILE = /^rollout\.(\d+)\.json$/

/**
 * A store in a folder: one file for each write, numbered from 1. The highest number is the state.
 *
 * A file is written under another name and then linked to its name, in one step of the file system. The whole content
 * appears at once, and `link` refuses a name that is taken, which `rename` would overwrite. Two processes that write
 * over the same state try the same number, whatever revisions they write, so exactly one of them wins.
 */
export function fileStore(folder: string): StateStore {
  const fileOf = (write: number): string => join(folder, `rollout.${write}.json`)

  const newest = async (): Promise<number> => {
    const names = await readdir(folder)
    return Math.max(0, ...names.map((name) => Number(FILE.exec(name)?.[1] ?? 0)))
  }
  const read = async (write: number): Promise<Records | undefined> =>
    (await readJson(fileOf(write))) as Records | undefined

  return {
    load: async () => read(await newest()),
    async write({ expect, head, body, decisions = [] }) {
      const before = await newest()
      const stored = await read(before)
      if (stored?.head.tag === head.tag) return { kind: 'written' }
      if ((stored?.head.tag ?? null) !== expect) return { kind: 'moved', head: stored?.head }
      const history = [...(stored?.history ?? []), ...decisions].slice(-DECISIONS_LOADED)
      const draft = join(folder, `rollout.${randomUUID()}.draft`)
      await writeFile(draft, JSON.stringify({ head, body: body ?? stored?.body ?? null, history }))
      const isWritten = await link(draft, fileOf(before + 1)).then(
        () => true,
        (error: NodeJS.ErrnoException) => {
          if (error.code === 'EEXIST') return false
          throw error
        },
      )
      await rm(draft)
      if (isWritten) await rm(fileOf(before + 1 - KEPT), { force: true })
      return isWritten ? { kind: 'written' } : { kind: 'moved', head: (await read(await newest()))?.head }
    },
    follow: () => () => {}, // a process that lives for one round waits for no news
    close: async () => {},
  }
}
