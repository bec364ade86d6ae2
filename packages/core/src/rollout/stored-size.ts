import type { Decision } from './decision.js'
import type { StoredRollout } from './store.js'

/** The most decisions to hold that are kept; decisions that changed something take precedence. */
export const MOST_HOLDS = 20

/**
 * Returns the latest decisions, oldest first: those that changed something, and the last holds without their checks.
 * If there are more than `most`, the oldest holds are dropped first.
 */
export function historyOf(before: readonly Decision[], made: readonly Decision[], most: number): readonly Decision[] {
  const all = [...before, ...made].map(inShort)
  const holds = all.filter(isHold).length
  const changes = all.length - holds
  const spareHolds = Math.max(1, most - changes)
  const withoutHolds = leaveOut(all, isHold, holds - Math.min(holds, MOST_HOLDS, spareHolds))
  return withoutHolds.slice(-most)
}

/**
 * Returns the rollout reduced to at most `mostBytes` of JSON, if possible. It first drops the oldest turns, then the
 * pasts of the versions, then the checks of the oldest decisions, then the oldest decisions; the latest decision is
 * always kept. `truncated` marks that something was dropped. Fields that a restart needs are always kept.
 */
export function fitInto(rollout: StoredRollout, mostBytes: number): StoredRollout {
  let bytes = bytesOf({ ...rollout, turns: [] }) + turnsSize(rollout.turns)
  if (bytes <= mostBytes) return rollout
  bytes += '"truncated":true,'.length
  const turns = [...rollout.turns]
  // the comma after a turn is not counted, because the last turn has none
  while (bytes > mostBytes && turns.length > 0) bytes -= turnSize(turns.shift()!)
  const { pasts, ...others } = rollout
  const isTooLong = bytes > mostBytes && pasts !== undefined
  if (isTooLong) bytes -= bytesOf(pasts) + '"pasts":,'.length
  const history = [...rollout.history]
  for (let at = 0; bytes > mostBytes && at < history.length; at += 1) {
    const [whole, short] = [history[at]!, withoutChecks(history[at]!)]
    bytes -= bytesOf(whole) - bytesOf(short)
    history[at] = short
  }
  while (bytes > mostBytes && history.length > 1) bytes -= bytesOf(history.shift()) + 1
  return { ...(isTooLong ? others : rollout), turns, history, truncated: true }
}

const isHold = ({ action }: Decision): boolean => action === 'hold'

const inShort = (decision: Decision): Decision => (isHold(decision) ? withoutChecks(decision) : decision)

/** Returns a decision without the checks of its verdict, to save space. */
export function withoutChecks(decision: Decision): Decision {
  if (decision.verdict === null || decision.verdict.checks.length === 0) return decision
  return { ...decision, verdict: { ...decision.verdict, checks: [] } }
}

/** Returns the items without the first `count` that match. */
function leaveOut<Item>(items: readonly Item[], matches: (item: Item) => boolean, count: number): readonly Item[] {
  let left = count
  return items.filter((item) => {
    if (left <= 0 || !matches(item)) return true
    left -= 1
    return false
  })
}

/** The sizes of turns by their identity: a turn does not change, and is kept for many looks. */
const sizes = new WeakMap<StoredRollout['turns'][number], number>()

function turnSize(turn: StoredRollout['turns'][number]): number {
  const known = sizes.get(turn)
  if (known !== undefined) return known
  const size = bytesOf(turn)
  sizes.set(turn, size)
  return size
}

/** Returns the size of all turns with the commas between them. */
const turnsSize = (turns: StoredRollout['turns']): number =>
  turns.reduce((sum, turn) => sum + turnSize(turn), Math.max(0, turns.length - 1))

/** Matches text that has more bytes than units. The engine looks for it faster than a loop over the units. */
const NOT_ASCII = /[^\0-\x7f]/

/** Returns the length of a value as JSON, in bytes of UTF-8. */
export function bytesOf(value: unknown): number {
  const text = JSON.stringify(value) ?? ''
  let bytes = text.length
  if (!NOT_ASCII.test(text)) return bytes
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at)
    if (unit < 0x80) continue
    bytes += unit < 0x800 || (unit >= 0xd800 && unit <= 0xdfff) ? 1 : 2
  }
  return bytes
}
