import type { Variant } from '@model-canary/core'
import type { ArmProgress } from './arm-progress.js'
import type { Births } from './births.js'
import { countFromBirth, type Newcomers, type Round } from './count-scrape.js'
import { riseOf } from './fold.js'
import { isOfRequests } from './strand.js'
import { explained, isJump, requestsOf, type Traffic } from './traffic.js'

/** The state at the end of a round, which decides whether a series that appeared is new. */
export interface RoundEnd {
  readonly births: Births
  readonly zeroAt: number
  readonly fromAt: number
  /** Whether a target disappeared, so that a series that appeared may be an old one with other labels. */
  readonly hasVanished: boolean
  /** The arm's scrape interval, in milliseconds; `null` if it is not known. */
  readonly everyMs: number | null
}

/** From this share of an arm's series with unknown earlier counts, a round is excluded. */
const MOST_BEGUN_ANEW = 0.25

/** The kinds that cannot exceed the number of requests. */
const OF_REQUESTS = ['errors', 'timeouts', 'aborted']

/** Counts series that started in this round from 0, and all others that appeared from their first sample. */
export function settleNewcomers(arm: ArmProgress, round: Round, end: RoundEnd): void {
  for (const newcomers of round.newcomers) {
    if (isBorn(arm, newcomers, end)) countFromBirth(arm, newcomers)
    else round.begunAnew += newcomers.items.filter(({ strand }) => isOfRequests(strand)).length
  }
}

function isBorn({ traffic }: ArmProgress, newcomers: Newcomers, end: RoundEnd): boolean {
  const { scrape, items, areChildren, gapMs } = newcomers
  if (items.some(({ strand }) => strand.onFall === 'lose')) return false // an expression has no start
  const isExplained = (forMs: number, as: 'scrape' | 'restart') =>
    items.every(({ strand, value }) => strand.onFall !== 'reset' || value <= explained(traffic, strand.kind, forMs, as))
  if (areChildren) return isExplained(gapMs ?? end.everyMs ?? 0, 'restart')
  if (gapMs !== null) return false // the same process under other labels
  const birth = end.births.get(scrape.target)
  const isSmall = end.everyMs !== null && isExplained(end.everyMs, 'scrape')
  if (birth === undefined) return isSmall && !end.hasVanished
  if (birth < end.zeroAt) return false
  return end.hasVanished && birth < end.fromAt ? isSmall : isExplained(scrape.at - birth, 'restart')
}

/** Returns the counts of a round by kind. */
export function risesOf({ touched }: Round): ReadonlyMap<string, number> {
  const rises = new Map<string, number>()
  for (const [part, { kind, rise, onFall }] of touched) {
    if (onFall !== 'follow') rises.set(kind, (rises.get(kind) ?? 0) + riseOf(part) - rise)
  }
  return rises
}

/** Why a round of an arm cannot be counted. */
export interface Loss {
  readonly why: string
  /** Whether it need not be reported, because counting has only started and some targets were not scraped yet. */
  readonly isBeginning: boolean
}

/** Returns why a round of an arm cannot be counted; `undefined` if it can. */
export function lossOf(
  name: Variant,
  { traffic }: ArmProgress,
  { touched, begunAnew, lost }: Round,
  rises: ReadonlyMap<string, number>,
  forMs: number,
): Loss | undefined {
  const told = (why: string): Loss => ({ why: `${name}: ${why}`, isBeginning: false })
  if (lost !== null) return told(lost)
  const requests = requestsOf(rises)
  const expressions = new Set([...touched.values()].filter(({ onFall }) => onFall === 'lose').map(({ kind }) => kind))
  if (isJump(traffic, requests, forMs, limitFor(expressions))) {
    return told(`${requests} requests in ${Math.round(forMs / 1_000)} s are more than its earlier traffic explains`)
  }
  const most = requests + explained(traffic, 'requests', 0, 'restart')
  const tooMany = OF_REQUESTS.find((kind) => expressions.has(kind) && (rises.get(kind) ?? 0) > most)
  if (tooMany !== undefined) {
    return told(`the expression for ${tooMany} rose by ${rises.get(tooMany)}, but the one for requests by ${requests}`)
  }
  const all = [...touched.values()].filter(isOfRequests).length
  if (begunAnew === 0 || begunAnew < MOST_BEGUN_ANEW * all) return undefined
  const why = `${begunAnew} of ${all} series appeared, and their earlier counts are not known`
  return { ...told(why), isBeginning: traffic.overMs === 0 }
}

/** Excludes a round: its rises are not counted, and counting continues from its last samples. */
export function leaveOut({ touched }: Round): void {
  for (const [part, { rise }] of touched) {
    part.closed = rise
    part.base = part.last
  }
}

/** Returns the limit for jumps. It is lower for an expression, in which a new counter looks like traffic. */
const limitFor = (expressions: ReadonlySet<string>): 'sum' | 'jump' => (expressions.has('requests') ? 'sum' : 'jump')

/** Returns the traffic after an excluded round, with the round's rate, so that a lasting change is recognised. */
export function afterLost(traffic: Traffic, rises: ReadonlyMap<string, number>, forMs: number): Traffic {
  return { ...traffic, refused: requestsOf(rises) / forMs }
}
