// One of several processes that share a folder. It is bundled and started by processes.ts.
import { folderStore } from '../../src/folder-store.js'
import type { Body, Head } from '../../src/rollout/records.js'
import type { Told, Wish } from './processes.js'

const store = folderStore(process.argv[2]!)
const signal = new AbortController().signal
const tell = (told: Told): unknown => process.send?.(told)

/** Reads the revision, and writes the next one until it is taken: as head, as body and as decision. */
async function increment(): Promise<number> {
  while (true) {
    const records = await store.load(signal)
    const rev = (records?.head.rev ?? 0) + 1
    const answer = await store.write(
      {
        expect: records?.head.tag ?? null,
        head: { rev, tag: `${process.pid} ${rev}`, fence: 0 } as Head,
        body: { evidence: rev } as Body,
        decisions: [{ sequence: rev } as never],
      },
      signal,
    )
    if (answer.kind === 'written') return rev
  }
}

const tasks: Readonly<Record<Wish['do'], (wish: Wish) => Promise<unknown>>> = {
  async increment({ times = 1 }) {
    for (let done = 0; done < times; done += 1) tell({ rev: await increment() })
    tell({ isDone: true })
  },
  async lease({ id = '', ttlMs = 60_000 }) {
    tell({ lease: await store.fleet!.lease({ id, ttlMs, leastFence: 0 }, signal) })
  },
}

process.on('message', (wish: Wish) => void tasks[wish.do](wish))
process.on('disconnect', () => process.exit())
tell({ isReady: true })
