import type { Decision } from './decision.js'
import type { StoredRollout } from './store.js'

/** So many decisions to hold are kept: what changed something is kept before them. */
export const MOST_HOLDS = 20

/**
 * Returns the latest decisions, oldest first: what changed something, and the last holds in short, without their checks.
 * Where they are more than `most`, the oldest holds go first.
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
 * Returns the rollout as it fits into so many bytes of JSON, as far as it can: without its oldest turns, then without
 * the checks of its oldest decisions, then without its oldest decisions, of which the latest is always kept.
 * What was left out is marked by `truncated`. What a restart needs is never left out.
 */
export function fitInto(rollout: StoredRollout, mostBytes: number): StoredRollout {
  let bytes = bytesOf(rollout)
  if (bytes <= mostBytes) return rollout
  bytes += '"truncated":true,'.length
  const turns = [...rollout.turns]
  while (bytes > mostBytes && turns.length > 0) bytes -= bytesOf(turns.shift()) // a comma less is not counted: the last one has none
  const history = [...rollout.history]
  for (let at = 0; bytes > mostBytes && at < history.length; at += 1) {
    const [whole, short] = [history[at]!, withoutChecks(history[at]!)]
    bytes -= bytesOf(whole) - bytesOf(short)
    history[at] = short
  }
  while (bytes > mostBytes && history.length > 1) bytes -= bytesOf(history.shift()) + 1
  return { ...rollout, turns, history, truncated: true }
}

const isHold = ({ action }: Decision): boolean => action === 'hold'

const inShort = (decision: Decision): Decision => (isHold(decision) ? withoutChecks(decision) : decision)

/** Returns a decision as it is kept where there is little room. */
export function withoutChecks(decision: Decision): Decision {
  if (decision.verdict === null || decision.verdict.checks.length === 0) return decision
  return { ...decision, verdict: { ...decision.verdict, checks: [] } }
}

/** The same without the first so many of those that match. */
function leaveOut<Item>(items: readonly Item[], matches: (item: Item) => boolean, count: number): readonly Item[] {
  let left = count
  return items.filter((item) => {
    if (left <= 0 || !matches(item)) return true
    left -= 1
    return false
  })
}

/** The length of a value as JSON, in bytes of UTF-8. */
export function bytesOf(value: unknown): number {
  const text = JSON.stringify(value) ?? ''
  let bytes = text.length
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at)
    if (unit < 0x80) continue
    bytes += unit < 0x800 || (unit >= 0xd800 && unit <= 0xdfff) ? 1 : 2
  }
  return bytes
}
