import { randomUUID } from 'node:crypto'
import type { PointsRecord } from '../rollout/store.js'
import { checkedText, linesOf } from './checked-text.js'
import type { Files } from './files.js'
import type { FolderLease } from './folder-lease.js'
import type { LocalFolder } from './local-folder.js'
import { readState } from './state-files.js'

const FILE = 'points'

/**
 * Creates the points of charts in a file of their own. A process that was stopped after it has compared its lease may
 * still write: the leader replaces that within a minute.
 */
export const pointsIn = (folder: LocalFolder, lease: Pick<FolderLease, 'isInForce'>): PointsRecord => ({
  load: () => folder.use(async () => linesOf(await folder.read(FILE))?.[0] ?? null),
  keep: (text, needed) =>
    folder.use(async () => {
      if (needed && !(await lease.isInForce(await readState(folder), needed))) return 'deposed'
      await replace(folder, checkedText([text]))
      return 'kept'
    }),
})

async function replace(folder: Files, content: string): Promise<void> {
  const draft = `draft.${randomUUID()}`
  await folder.write(draft, content)
  await folder.move(draft, FILE)
}
