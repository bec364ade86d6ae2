import type { Variant } from '@model-canary/core'
import type { ArmProgress } from './arm-progress.js'
import type { Births } from './births.js'
import { countFromBirth, type Newcomers, type Round } from './count-scrape.js'
import { riseOf } from './fold.js'
import { isOfRequests } from './strand.js'
import { explained, isJump, requestsOf, type Traffic } from './traffic.js'

/** What is known at the end of a round, when newcomers are told from what merely came into sight. */
export interface RoundEnd {
  readonly births: Births
  readonly zeroAt: number
  readonly fromAt: number
  /** Whether something that was scraped before is gone: what came may be the same under another name. */
  readonly hasVanished: boolean
  /** The arm's scrape interval, in milliseconds; `null` where it is not known. */
  readonly everyMs: number | null
}

/** The share of an arm's series that may begin anew in a round; beyond it the arms would no longer be comparable. */
const MOST_BEGUN_ANEW = 0.25

/** Kinds of which there cannot be more than requests. */
const OF_REQUESTS = ['errors', 'timeouts', 'aborted']

/** Counts what began in this round from its birth, and everything else that came into sight from its first sample. */
export function settleNewcomers(arm: ArmProgress, round: Round, end: RoundEnd): void {
  for (const newcomers of round.newcomers) {
    if (isBorn(arm, newcomers, end)) countFromBirth(arm, newcomers)
    else round.begunAnew += newcomers.items.filter(({ strand }) => isOfRequests(strand)).length
  }
}

function isBorn({ traffic }: ArmProgress, newcomers: Newcomers, end: RoundEnd): boolean {
  const { scrape, items, areChildren, gapMs } = newcomers
  if (items.some(({ strand }) => strand.onFall === 'lose')) return false // where an expression comes from cannot be told
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

/** What a round counted, by kind. */
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
  /** Whether it is nothing to be told: before anything was counted, what is scraped later is only late. */
  readonly isBeginning: boolean
}

/** Why a round of an arm cannot be counted; `undefined` where it can. */
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
    return told(`${requests} requests in ${Math.round(forMs / 1_000)} s are more than its traffic explains`)
  }
  const most = requests + explained(traffic, 'requests', 0, 'restart')
  const tooMany = OF_REQUESTS.find((kind) => expressions.has(kind) && (rises.get(kind) ?? 0) > most)
  if (tooMany !== undefined) {
    return told(`the expression for ${tooMany} rose by ${rises.get(tooMany)}, and that for requests by ${requests}`)
  }
  const all = [...touched.values()].filter(isOfRequests).length
  if (begunAnew === 0 || begunAnew < MOST_BEGUN_ANEW * all) return undefined
  const why = `${begunAnew} of ${all} series came into sight, and what they had counted before is not known`
  return { ...told(why), isBeginning: traffic.overMs === 0 }
}

/** Begins anew with what a round has left behind, and counts nothing of it. */
export function leaveOut({ touched }: Round): void {
  for (const [part, { rise }] of touched) {
    part.closed = rise
    part.base = part.last
  }
}

/** Counters that come into sight in an expression cannot be told from traffic: less of it is taken for that. */
const limitFor = (expressions: ReadonlySet<string>): 'sum' | 'jump' => (expressions.has('requests') ? 'sum' : 'jump')

/** The traffic after a round that was left out: what its requests rose by is remembered, to be known again. */
export function afterLost(traffic: Traffic, rises: ReadonlyMap<string, number>, forMs: number): Traffic {
  return { ...traffic, refused: requestsOf(rises) / forMs }
}
