import { writeFileSync } from 'node:fs'
import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect } from 'vitest'
import type { Member } from '../rollout/fleet.js'
import { inFolder } from './folder.fixture.js'
import { folderStore } from './folder-store.js'

const signal = new AbortController().signal

const reportOf = (id: string, seq: number, epoch = 1, visit = 1) => ({ id, seq, epoch, visit, fast: `${id} ${seq}` })

describe('the reports in a folder', () => {
  inFolder('are those of the latest 16 stays and epochs, ordered as numbers', async (path) => {
    const fleet = folderStore(path).fleet!
    for (let visit = 1; visit <= 20; visit += 1) await fleet.publish(reportOf('a', visit, 1, visit), null, signal)
    expect((await readdir(join(path, 'counts'))).length).toBe(16)
    expect((await fleet.collect({ epoch: 1, visit: 5 }, '', signal)).reports.length).toBe(1)
    expect((await fleet.collect({ epoch: 1, visit: 4 }, '', signal)).reports.length).toBe(0)
    for (let epoch = 2; epoch <= 20; epoch += 1) await fleet.publish(reportOf('a', 20 + epoch, epoch), null, signal)
    expect((await readdir(join(path, 'lives'))).sort()).toEqual(
      Array.from({ length: 16 }, (_, index) => `${index + 5}`).sort(),
    )
  })

  inFolder('are one file for each process, however often it reports', async (path) => {
    const fleet = folderStore(path).fleet!
    for (let seq = 1; seq <= 5; seq += 1) await fleet.publish(reportOf('a', seq), null, signal)
    expect((await readdir(join(path, 'counts', '1.1'))).length).toBe(1)
  })

  inFolder('are left out if the host stopped while they were written', async (path) => {
    const fleet = folderStore(path).fleet!
    await fleet.publish(reportOf('a', 1), null, signal)
    await fleet.publish(reportOf('b', 1), null, signal)
    const [name] = await readdir(join(path, 'counts', '1.1'))
    await writeFile(join(path, 'counts', '1.1', name!), '{"id":"a","se')
    expect((await fleet.collect({ epoch: 1, visit: 1 }, '', signal)).reports.length).toBe(1)
  })

  inFolder('are of at most 20,000 processes in a stay', async (path) => {
    const fleet = folderStore(path).fleet!
    await fleet.publish(reportOf('known', 1), null, signal)
    const stay = join(path, 'counts', '1.1')
    for (let from = 1; from < 20_000; from += 1) writeFileSync(join(stay, `${`${from}`.padStart(32, '0')}.1`), '')
    await expect(fleet.publish(reportOf('new', 1), null, signal)).rejects.toThrow(
      '[STORE_UNUSABLE] the stay has reports of 20000 processes; find out what restarts them',
    )
    expect(await fleet.publish(reportOf('known', 2), null, signal)).toEqual({ lives: 1 })
  })

  inFolder('begin again for a cursor of another process', async (path) => {
    const [one, other] = [folderStore(path).fleet!, folderStore(path).fleet!]
    await one.publish(reportOf('a', 1), null, signal)
    const { cursor } = await one.collect({ epoch: 1, visit: 1 }, '', signal)
    expect((await other.collect({ epoch: 1, visit: 1 }, cursor, signal)).reports.length).toBe(1)
  })
})

describe('the members in a folder', () => {
  inFolder('are removed an hour after their last report', async (path) => {
    const fleet = folderStore(path).fleet!
    for (const id of ['a', 'b', 'c'])
      await fleet.publish({ ...reportOf(id, 1), member: { id } as unknown as Member }, null, signal)
    const names = await readdir(join(path, 'members'))
    for (const [index, ageMs] of [3_700_000, 120_000].entries()) {
      const at = (Date.now() - ageMs) / 1_000
      await utimes(join(path, 'members', names[index]!), at, at)
    }
    await mkdir(join(path, 'members', 'strange'))
    expect((await fleet.members(signal)).length).toBe(1)
    expect((await readdir(join(path, 'members'))).sort()).toEqual([...names.slice(1), 'strange'].sort())
  })
})
