import { refuseOthers } from '../foundation/options.js'
import type { Head, Records } from '../rollout/records.js'
import type { StateStore, WriteAnswer } from '../rollout/store.js'
import { type Clock, systemClock } from '../runtime/clock.js'
import { appendDecisions, loadDecisions } from './decision-files.js'
import { type Advance, createFolderLease, type FolderLease } from './folder-lease.js'
import { followHeads } from './followers.js'
import { type LocalFolder, openFolder } from './local-folder.js'
import { pointsIn } from './points-file.js'
import { createReports } from './report-files.js'
import { readState, writeState } from './state-files.js'

/** The options of {@link folderStore}. */
export interface FolderStoreOptions {
  /** The clock by which a lease runs out and members grow older. @default systemClock */
  readonly clock?: Clock
}

/**
 * Keeps the records of one rollout in a folder of a local disk: for one process that restarts, or for several processes
 * of one host, such as cluster workers or PM2. It needs no server. A state is written completely, and is on the disk
 * before its write resolves, so it outlasts a kill at any moment.
 *
 * Give each rollout a folder of its own. The folder is created if it is missing, for this user alone. Its calls reject
 * with `STORE_NOT_LOCAL` if the folder is on a network file system, with `STORE_UNUSABLE` if it cannot be read or
 * written, and with `INVALID_STATE` if what is stored is damaged.
 *
 * @throws {CanaryError} `INVALID_OPTION` if the path is not a string, `UNKNOWN_OPTION` for an option that does not exist.
 * @example
 * import { folderStore } from '@model-canary/core/folder-store'
 * const store = folderStore('/var/lib/sentiment/rollout')
 */
export function folderStore(path: string, options: FolderStoreOptions = {}): StateStore {
  refuseOthers('folderStore', options, { clock: 1 })
  const { clock = systemClock } = options
  const folder = openFolder(path, clock)
  const headNow = async (): Promise<Head | null> => (await readState(folder)).head
  const advance = advancing(folder)
  const lease = createFolderLease(folder, clock, advance)
  const ends = new Set<() => void>()

  return {
    load: () => folder.use(() => loadRecords(folder)),
    write: writing(folder, advance, lease),
    follow(listener) {
      const end = followHeads(folder, clock, () => folder.use(headNow), listener)
      ends.add(end)
      return () => {
        ends.delete(end)
        end()
      }
    },
    async close() {
      for (const end of ends) end()
    },
    fleet: {
      lease: lease.ask,
      async keep(body, tag, needed, signal) {
        const text = JSON.stringify(body)
        return advance(signal, async (state) => {
          if (!(await lease.isInForce(state, needed))) return { answer: 'deposed' as const }
          if (state.head?.tag !== tag) return { answer: 'moved' as const }
          return { next: { ...state, body: text }, answer: 'kept' as const }
        })
      },
      ...createReports(folder, headNow),
    },
    points: pointsIn(folder, lease),
  }
}

/** Makes steps from one state to the next, until no other process is faster. */
const advancing =
  (folder: LocalFolder): Advance =>
  (signal, step) =>
    folder.use(async () => {
      while (true) {
        const state = await readState(folder)
        const { next, answer } = await step(state)
        signal.throwIfAborted()
        if (next === undefined || (await writeState(folder, state, next))) return answer
      }
    })

async function loadRecords(folder: LocalFolder): Promise<Records | undefined> {
  const { head, body, decisions } = await readState(folder)
  return head === null ? undefined : { head, body: JSON.parse(body), history: await loadDecisions(folder, decisions) }
}

const writing =
  (folder: LocalFolder, advance: Advance, lease: FolderLease): StateStore['write'] =>
  async (change, signal) => {
    const { expect, lease: needed } = change
    const head: Head = JSON.parse(JSON.stringify(change.head))
    const body = change.body && JSON.stringify(change.body)
    const lines = change.decisions?.map((decision) => JSON.stringify(decision)) ?? []
    return advance<WriteAnswer>(signal, async (state) => {
      const stored = state.head ?? undefined
      if (stored?.tag === head.tag) return { answer: { kind: 'written' } }
      if ((stored?.tag ?? null) !== expect) return { answer: { kind: 'moved', head: stored } }
      if (needed && !(await lease.isInForce(state, needed))) return { answer: { kind: 'deposed', head: stored } }
      const decisions = await appendDecisions(folder, state.decisions, lines)
      return { next: { ...state, head, body: body ?? state.body, decisions }, answer: { kind: 'written' } }
    })
  }
