import { seededRandom } from '@model-canary/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { folderStore } from '../../src/folder-store.js'
import { bundleProgram, type SharedFolder, type Sharing, shareFolder } from './processes.js'

const signal = new AbortController().signal

let program: Awaited<ReturnType<typeof bundleProgram>>
beforeAll(async () => {
  program = await bundleProgram()
})
afterAll(() => program.remove())

/** Runs with a folder of its own, and ends all processes afterwards. */
const sharing = (act: (folder: SharedFolder) => Promise<void>) => async () => {
  const folder = await shareFolder(program.path)
  try {
    await act(folder)
  } finally {
    await folder.remove()
  }
}

/** Reads what is stored. Head, body and history are of one write, and no revision was written by two processes. */
async function storedRevision({ path, written }: SharedFolder): Promise<number> {
  const records = (await folderStore(path).load(signal))!
  const { rev } = records.head
  expect(records.body).toEqual({ evidence: rev })
  const sequences = records.history.map(({ sequence }) => sequence)
  const count = Math.min(rev, 100)
  expect(sequences).toEqual(Array.from({ length: count }, (_, index) => rev - count + 1 + index))
  expect(new Set(written).size).toBe(written.length)
  return rev
}

/** Waits until a process has written a number of times. */
async function untilWritten(process: Sharing, times: number): Promise<number> {
  let rev = 0
  for (let count = 0; count < times; count += 1) rev = await process.told('rev')
  return rev
}

describe('processes that share a folder', () => {
  it(
    'lose no write: 6 that write 100 times each are at 600',
    sharing(async (folder) => {
      const processes = await Promise.all(Array.from({ length: 6 }, () => folder.start()))
      const done = processes.map((process) => process.told('isDone'))
      for (const process of processes) process.ask({ do: 'increment', times: 100 })
      await Promise.all(done)
      expect(await storedRevision(folder)).toBe(600)
    }),
    120_000,
  )

  it(
    'agree on each write, whenever one is killed',
    sharing(async (folder) => {
      const random = seededRandom(13)
      let known = 0
      for (let round = 0; round < 10; round += 1) {
        const processes = await Promise.all(Array.from({ length: 3 }, () => folder.start()))
        const written = processes.map((process) => untilWritten(process, 1 + Math.floor(random() * 6)))
        for (const process of processes) process.ask({ do: 'increment', times: 1_000 })
        const killed = processes.map(async (process, index) => {
          known = Math.max(known, await written[index]!)
          await process.signal('SIGKILL')
        })
        await Promise.all(killed)
        const stored = await storedRevision(folder)
        expect(stored).toBeGreaterThanOrEqual(known)
        known = stored
      }
    }),
    120_000,
  )

  it(
    'refuse the write of a process that was stopped while many were written',
    sharing(async (folder) => {
      const random = seededRandom(17)
      const [stopped, other] = [await folder.start(), await folder.start()]
      stopped.ask({ do: 'increment', times: 10_000 })
      for (let round = 0; round < 8; round += 1) {
        await untilWritten(stopped, 1 + Math.floor(random() * 4))
        await stopped.signal('SIGSTOP')
        const done = other.told('isDone')
        other.ask({ do: 'increment', times: 80 })
        await done
        const before = await storedRevision(folder)
        const next = stopped.told('rev')
        await stopped.signal('SIGCONT')
        await next
        expect(await storedRevision(folder)).toBeGreaterThanOrEqual(before)
      }
    }),
    120_000,
  )

  it(
    'get the lease of a killed process without waiting for its end',
    sharing(async (folder) => {
      const [holder, other] = [await folder.start(), await folder.start()]
      const ask = async (process: Sharing, id: string) => {
        const lease = process.told('lease')
        process.ask({ do: 'lease', id, ttlMs: 3_600_000 })
        return lease
      }
      const { fence } = await ask(holder, 'holder')
      expect(await ask(other, 'other')).toMatchObject({ isMine: false, holder: 'holder' })
      await holder.signal('SIGKILL')
      expect(await ask(other, 'other')).toMatchObject({ isMine: true, fence: fence + 1 })
    }),
    60_000,
  )

  it(
    'get the lease of a stopped process once it has run out',
    sharing(async (folder) => {
      const holder = await folder.start()
      const lease = holder.told('lease')
      holder.ask({ do: 'lease', id: 'holder', ttlMs: 500 })
      await lease
      await holder.signal('SIGSTOP')
      const fleet = folderStore(folder.path).fleet!
      const ask = () => fleet.lease({ id: 'other', ttlMs: 500, leastFence: 0 }, signal)
      const startedAt = performance.now()
      expect((await ask()).isMine).toBe(false)
      while (!(await ask()).isMine) expect(performance.now() - startedAt).toBeLessThan(20_000)
      expect(performance.now() - startedAt).toBeGreaterThanOrEqual(500)
    }),
    60_000,
  )
})
