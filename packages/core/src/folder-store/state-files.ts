import { randomUUID } from 'node:crypto'
import { CanaryError } from '../foundation/errors.js'
import { isRecord } from '../foundation/options.js'
import type { Lease } from '../rollout/fleet.js'
import type { Head } from '../rollout/records.js'
import { checkedText, linesOf } from './checked-text.js'
import type { Files } from './files.js'
import type { ProcessLife } from './process-life.js'

/** How many states are kept. A writer that was stopped for longer finds that its number is too low. */
export const STATES_KEPT = 64

/** A file of decisions, and how many it has. */
export type DecisionFile = readonly [name: string, count: number]

/** A lease as it is stored. */
export interface StoredLease extends Lease {
  readonly ttlMs: number
  /** The process that has it; `null` if its end cannot be seen from outside. */
  readonly life: ProcessLife | null
}

/** Everything that changes in one step. */
export interface FolderState {
  readonly head: Head | null
  /** The body as JSON. */
  readonly body: string
  /** The files with the latest decisions, oldest first. */
  readonly decisions: readonly DecisionFile[]
  /** The highest fence of a lease so far. */
  readonly fence: number
  /** `null` if the lease was returned, or never taken. */
  readonly lease: StoredLease | null
}

/** A state that was read, and the highest number in the folder. */
export interface ReadState extends FolderState {
  readonly number: number
}

const EMPTY: ReadState = { number: 0, head: null, body: 'null', decisions: [], fence: 0, lease: null }

/** A state has a file of its own, with a number: the highest one is in force. */
const STATE = /^state\.([1-9]\d{0,14})$/

/** The files whose names are not used again. */
const OWN = /^(draft|decisions|lease)\.[-0-9a-f]+$/

/** The age from which a file that no state names is removed, in milliseconds. */
const UNUSED_MS = 600_000

/** The most of them that one write removes. */
const MOST_REMOVED = 1_000

/** How often a reader looks again for a file that was removed since it was listed. */
const MOST_TRIES = 100

/** Returns the numbers of the states among these names, the highest first. */
const numbersOf = (names: readonly string[]): readonly number[] =>
  names
    .map((name) => Number(STATE.exec(name)?.[1]))
    .filter((number) => number > 0)
    .sort((a, b) => b - a)

/** Reads the state in force. If a file is damaged, the one before it is in force. */
export async function readState(folder: Files): Promise<ReadState> {
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const numbers = numbersOf(await folder.list())
    if (numbers.length === 0) return EMPTY
    const state = await firstReadable(folder, numbers)
    if (state !== undefined) return state && { ...state, number: numbers[0]! }
  }
  throw new CanaryError('STORE_UNUSABLE', 'the files of the folder are removed faster than they can be read')
}

/** Returns the first state that is not damaged; `undefined` if a file has gone since they were listed. */
async function firstReadable(folder: Files, numbers: readonly number[]): Promise<FolderState | undefined> {
  for (const number of numbers.slice(0, STATES_KEPT)) {
    const text = await folder.read(`state.${number}`)
    if (text === undefined) return undefined
    const lines = linesOf(text)
    if (lines !== undefined) return parsed(lines, folder.pathOf(`state.${number}`))
  }
  throw unreadable(folder.pathOf(`state.${numbers[0]}`))
}

function parsed([facts = '', body = '']: readonly string[], path: string): FolderState {
  const state: unknown = JSON.parse(facts)
  if (!isRecord(state) || !Array.isArray(state.decisions)) throw unreadable(path)
  return { ...(state as unknown as FolderState), body }
}

const unreadable = (path: string): CanaryError =>
  new CanaryError(
    'INVALID_STATE',
    `the file "${path}" is damaged, and so are those before it; restore the folder, or empty it to begin a new rollout`,
  )

/**
 * Writes the state that follows another one; resolves to false if another process was faster.
 *
 * The file is complete and on the disk before it gets its name, in one step that only one process can win. A process
 * that was stopped before that step could win a number whose file was removed meanwhile. It then finds a number that
 * is higher by as many files as are kept, and has lost.
 */
export async function writeState(folder: Files, before: ReadState, next: FolderState): Promise<boolean> {
  const { body, ...facts } = next
  const [draft, number] = [`draft.${randomUUID()}`, before.number + 1]
  const file = `state.${number}`
  try {
    await folder.write(draft, checkedText([JSON.stringify({ ...facts, number: undefined }), body]), true)
    if (!(await folder.claim(draft, file))) return false
  } finally {
    await folder.remove(draft)
  }
  const names = await folder.list()
  const numbers = numbersOf(names)
  if (numbers[0]! >= number + STATES_KEPT) {
    await folder.remove(file)
    return false
  }
  await folder.sync()
  const old = numbers.filter((one) => one <= numbers[0]! - STATES_KEPT).map((one) => `state.${one}`)
  await removeUnused(folder, number % STATES_KEPT === 0 ? [...old, ...(await unusedOf(folder, names, next))] : old)
  return true
}

/** Returns the files that a process left when it was killed, or that a later file has replaced. */
async function unusedOf(folder: Files, names: readonly string[], state: FolderState): Promise<readonly string[]> {
  const used = new Set([...state.decisions.map(([name]) => name), `lease.${state.fence}`])
  const others = names.filter((name) => OWN.test(name) && !used.has(name)).slice(0, MOST_REMOVED)
  const ages = await Promise.all(others.map((name) => folder.ageMs(name)))
  return others.filter((_, index) => ages[index]! > UNUSED_MS)
}

/** Removes files. A file that stays is removed by a later write. */
const removeUnused = (folder: Files, names: readonly string[]): Promise<unknown> =>
  Promise.allSettled(names.map((name) => folder.remove(name)))
