import { appendFile, readdir, rm, symlink, truncate, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect } from 'vitest'
import { systemClock } from '../runtime/clock.js'
import { checkedText } from './checked-text.js'
import { appendDecisions, loadDecisions } from './decision-files.js'
import { inFolder } from './folder.fixture.js'
import { openFolder } from './local-folder.js'
import { type FolderState, readState, STATES_KEPT, writeState } from './state-files.js'

const stateOf = (rev: number, members: Partial<FolderState> = {}): FolderState => ({
  head: { rev, tag: `${rev}` } as never,
  body: `{"rev":${rev}}`,
  decisions: [],
  fence: 0,
  lease: null,
  ...members,
})

/** Writes states one after another. */
async function writeStates(path: string, revs: readonly number[]): Promise<void> {
  const folder = openFolder(path, systemClock)
  for (const rev of revs) expect(await writeState(folder, await readState(folder), stateOf(rev))).toBe(true)
}

const from1To = (last: number): readonly number[] => Array.from({ length: last }, (_, index) => index + 1)

const revOf = async (path: string): Promise<number | undefined> =>
  (await readState(openFolder(path, systemClock))).head?.rev

describe('the states of a folder', () => {
  inFolder('keep the latest 64 files', async (path) => {
    await writeStates(path, from1To(STATES_KEPT + 10))
    const names = await readdir(path)
    expect(names.length).toBe(STATES_KEPT)
    expect(names).toContain(`state.${STATES_KEPT + 10}`)
    expect(names).not.toContain('state.10')
  })

  inFolder('refuse a writer that was stopped until its number was removed', async (path) => {
    const folder = openFolder(path, systemClock)
    await writeStates(path, [1])
    const stopped = {
      ...folder,
      async claim(draft: string, file: string) {
        await writeStates(path, from1To(STATES_KEPT + 1))
        expect(await readdir(path)).not.toContain(file)
        return folder.claim(draft, file)
      },
    }
    expect(await writeState(stopped, await readState(folder), stateOf(99))).toBe(false)
    expect(await revOf(path)).toBe(STATES_KEPT + 1)
    expect(await readdir(path)).not.toContain('state.2')
  })

  inFolder('take a write over which others have written already', async (path) => {
    const folder = openFolder(path, systemClock)
    const slow = {
      ...folder,
      async claim(draft: string, file: string) {
        const isWon = await folder.claim(draft, file)
        await writeStates(path, from1To(STATES_KEPT - 1))
        return isWon
      },
    }
    expect(await writeState(slow, await readState(folder), stateOf(99))).toBe(true)
  })

  inFolder('refuse the second of two writes over one state', async (path) => {
    const folder = openFolder(path, systemClock)
    const before = await readState(folder)
    expect(await writeState(folder, before, stateOf(1))).toBe(true)
    expect(await writeState(folder, before, stateOf(2))).toBe(false)
    expect(await readdir(path)).toEqual(['state.1'])
  })

  for (const [what, damage] of [
    ['was cut', (file: string) => truncate(file, 90)],
    ['is empty', (file: string) => truncate(file, 0)],
    ['has more than was written', (file: string) => appendFile(file, ' ')],
    ['is of another form', (file: string) => writeFile(file, 'model-canary-2 x\n{}\nnull')],
  ] as const) {
    inFolder(`go on with the one before a file that ${what}`, async (path) => {
      await writeStates(path, [1, 2, 3])
      await damage(join(path, 'state.3'))
      expect(await revOf(path)).toBe(2)
      await writeStates(path, [4])
      expect(await readdir(path)).toContain('state.4')
      expect(await revOf(path)).toBe(4)
    })
  }

  inFolder('are refused if all are damaged, because that is no empty folder', async (path) => {
    await writeStates(path, [1, 2])
    for (const name of ['state.1', 'state.2']) await truncate(join(path, name), 9)
    await expect(revOf(path)).rejects.toThrow(/^\[INVALID_STATE\] the file ".*state\.2" is damaged, and so are/)
  })

  inFolder('have names of this form alone', async (path) => {
    await writeStates(path, [1])
    for (const name of [
      'state.02',
      'state.0',
      'state.-3',
      'state.9e9',
      'state.4.draft',
      'state.',
      `state.${2n ** 60n}`,
    ])
      await writeFile(join(path, name), 'strange')
    expect(await revOf(path)).toBe(1)
  })

  inFolder('are no symbolic links', async (path) => {
    await writeStates(path, [1])
    await symlink('/etc/hostname', join(path, 'state.2'))
    await expect(revOf(path)).rejects.toThrow()
  })

  inFolder('lose what killed processes left after ten minutes', async (path) => {
    const folder = openFolder(path, systemClock)
    const old = (Date.now() - 700_000) / 1_000
    const left = ['draft.00000000-1', 'decisions.00000000-2', 'lease.3']
    for (const name of [...left, 'notes.txt', 'draft.00000000-9']) {
      await writeFile(join(path, name), '')
      if (!name.endsWith('9')) await utimes(join(path, name), old, old)
    }
    const decisions = await appendDecisions(folder, [], ['{"sequence":1}'])
    await utimes(join(path, decisions[0]![0]), old, old)
    for (let rev = 1; rev <= STATES_KEPT; rev += 1)
      await writeState(folder, await readState(folder), stateOf(rev, { decisions }))
    const others = (await readdir(path)).filter((name) => !name.startsWith('state.'))
    expect(others.sort()).toEqual([decisions[0]![0], 'draft.00000000-9', 'notes.txt'].sort())
  })
})

describe('the decisions of a folder', () => {
  const lines = (from: number, count: number) =>
    Array.from({ length: count }, (_, index) => `{"sequence":${from + index}}`)

  inFolder('are the latest 1,000 to 1,049, in few files', async (path) => {
    const folder = openFolder(path, systemClock)
    let files: Awaited<ReturnType<typeof appendDecisions>> = []
    for (let from = 1; from <= 1_400; from += 7) files = await appendDecisions(folder, files, lines(from, 7))
    const count = files.reduce((sum, [, one]) => sum + one, 0)
    expect(count).toBeGreaterThanOrEqual(1_000)
    expect(count).toBeLessThan(1_060)
    expect(files.length).toBeLessThanOrEqual(21)
    const loaded = await loadDecisions(folder, files)
    expect(loaded.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 100 }, (_, index) => 1_301 + index))
  })

  inFolder('go on without a file that is missing', async (path) => {
    const folder = openFolder(path, systemClock)
    const first = await appendDecisions(folder, [], lines(1, 60))
    const both = await appendDecisions(folder, first, lines(61, 3))
    await rm(join(path, first[0]![0]))
    expect(await loadDecisions(folder, both)).toEqual([{ sequence: 61 }, { sequence: 62 }, { sequence: 63 }])
  })

  inFolder('are not read from a file outside of the folder', async (path) => {
    const folder = openFolder(join(path, 'inner'), systemClock)
    const name = `../decisions.${'a'.repeat(36)}`
    await folder.write(name, checkedText(lines(1, 1)))
    expect(await loadDecisions(folder, [[name, 1]])).toEqual([])
  })
})
