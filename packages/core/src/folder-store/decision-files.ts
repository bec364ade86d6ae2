import { randomUUID } from 'node:crypto'
import type { Decision } from '../rollout/decision.js'
import { DECISIONS_KEPT, DECISIONS_LOADED } from '../rollout/records.js'
import { checkedText, linesOf } from './checked-text.js'
import type { Files } from './files.js'
import type { DecisionFile } from './state-files.js'

/** A file with fewer decisions is written again with the next ones. */
const FULL = 50

const NAME = /^decisions\.[-0-9a-f]{36}$/

/**
 * Writes decisions into a new file, and returns the list of files with it. The list is part of a state, so the
 * decisions are there as soon as that state is in force, and never without it.
 */
export async function appendDecisions(
  folder: Files,
  files: readonly DecisionFile[],
  decisions: readonly string[],
): Promise<readonly DecisionFile[]> {
  if (decisions.length === 0) return files
  const last = files.at(-1)
  const isJoined = last !== undefined && last[1] < FULL
  const lines = [...(isJoined ? await linesIn(folder, last) : []), ...decisions]
  const name = `decisions.${randomUUID()}`
  await folder.write(name, checkedText(lines), true)
  return latestOf([...(isJoined ? files.slice(0, -1) : files), [name, lines.length]], DECISIONS_KEPT)
}

/** Returns the latest decisions, oldest first. */
export async function loadDecisions(folder: Files, files: readonly DecisionFile[]): Promise<readonly Decision[]> {
  const lines = await Promise.all(latestOf(files, DECISIONS_LOADED).map((file) => linesIn(folder, file)))
  return lines
    .flat()
    .slice(-DECISIONS_LOADED)
    .map((line) => JSON.parse(line))
}

/** Returns the files that are needed for a number of decisions. */
function latestOf(files: readonly DecisionFile[], needed: number): readonly DecisionFile[] {
  let [first, count] = [files.length, 0]
  while (first > 0 && count < needed) count += files[(first -= 1)]![1]
  return files.slice(first)
}

/** Returns the lines of a file; none of one that is damaged, because a rollout goes on without its history. */
const linesIn = async (folder: Files, [name]: DecisionFile): Promise<readonly string[]> =>
  (NAME.test(name) ? linesOf(await folder.read(name)) : undefined) ?? []
