import type { Block } from '../judging/judge.js'
import { total } from '../statistics/total.js'
import type { Decision } from './decision.js'
import { mostBytesOf } from './most-bytes.js'
import type { StoredRollout } from './stored-rollout.js'
import type { Turn } from './turn.js'

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
 *
 * Turns are dropped by a bound of the sizes, and the rest by the sizes themselves: a rollout with many turns does not
 * fit at each look, and to write it as JSON each time would take longer than to judge it.
 */
export function fitInto(rollout: StoredRollout, mostBytes: number): StoredRollout {
  const bound = mostly.withoutOldTurns(rollout, mostBytes)
  if (bound.bytes <= mostBytes) return bound.rollout
  const exact = exactly.withoutOldTurns(rollout, mostBytes)
  if (exact.bytes <= mostBytes) return exact.rollout
  let { bytes } = exact
  const { sizeOf } = exactly
  const { pasts, ...others } = exact.rollout
  const isTooLong = pasts !== undefined
  if (isTooLong) bytes -= sizeOf(pasts) + '"pasts":,'.length
  const history = [...rollout.history]
  for (let at = 0; bytes > mostBytes && at < history.length; at += 1) {
    const [whole, short] = [history[at]!, withoutChecks(history[at]!)]
    bytes -= sizeOf(whole) - sizeOf(short)
    history[at] = short
  }
  while (bytes > mostBytes && history.length > 1) bytes -= sizeOf(history.shift()) + 1
  return { ...others, history, truncated: true }
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

/** Creates the functions that measure the parts of a rollout by `bytesIn`. */
function createSizes(bytesIn: (value: unknown) => number) {
  /** The sizes of values by their identity: a stored value does not change, and is kept for many looks. */
  const sizes = new WeakMap<object, number>()

  /** Returns the size of a value. `measure` is called once for each object. */
  const sizeOf = <Value>(value: Value, measure: (value: Value) => number = bytesIn): number => {
    if (typeof value !== 'object' || value === null) return measure(value)
    const known = sizes.get(value)
    if (known !== undefined) return known
    const size = measure(value)
    sizes.set(value, size)
    return size
  }

  const memberOf = (name: string, size: number): number => bytesIn(name) + ':'.length + size

  const membersOf = (value: object): readonly number[] =>
    Object.entries(value).flatMap(([name, member]) => (member === undefined ? [] : [memberOf(name, sizeOf(member))]))

  /** The evidence before a turn was stored with the turn before, and what its context refers to is the rollout's. */
  const turnSize = ({ context, blocks, ...others }: Turn): number =>
    inBrackets([
      memberOf('context', inBrackets(membersOf(context))),
      memberOf('blocks', inBrackets(blocks.map((block) => sizeOf(block)))),
      ...membersOf(others),
    ])

  /** Returns the size of a rollout. Members that have not changed since the last time are not measured again. */
  const rolloutSize = ({ turns, history, latest: _, ...others }: StoredRollout): number =>
    inBrackets([
      ...membersOf(others),
      memberOf('turns', inBrackets(turns.map((turn) => sizeOf(turn, turnSize)))),
      memberOf('history', inBrackets(history.map((decision) => sizeOf(decision)))),
    ])

  /** Returns the rollout without as many of its oldest turns as is necessary, and possible; and its size. */
  const withoutOldTurns = (rollout: StoredRollout, mostBytes: number) => {
    let bytes = rolloutSize(rollout)
    if (bytes <= mostBytes) return { bytes, rollout }
    bytes += '"truncated":true,'.length
    const turns = [...rollout.turns]
    // the comma after a turn is not counted, because the last turn has none
    while (bytes > mostBytes && turns.length > 0) bytes -= sizeOf(turns.shift()!, turnSize)
    return { bytes, rollout: { ...rollout, turns, truncated: true } }
  }

  return { sizeOf, withoutOldTurns }
}

/** Returns the size of a list or an object whose items or members have these sizes. */
const inBrackets = (sizes: readonly number[]): number => total(sizes) + Math.max(0, sizes.length - 1) + '[]'.length

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

/** Sizes as JSON. */
const exactly = /* @__PURE__ */ createSizes(bytesOf)

/** Sizes that JSON does not exceed. They take a fraction of the time, and most rollouts are far below their limit. */
const mostly = /* @__PURE__ */ createSizes((value) => mostBytesOf(value))

/** Measures a block when it is made, so that the look that stores it with a dozen others need not. */
export function measureAhead(block: Block): void {
  mostly.sizeOf(block)
}
