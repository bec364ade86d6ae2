import type { Guardrail } from '../../guardrails/guardrail.js'
import type { Hypothesis } from '../../guardrails/hypothesis.js'
import { hypothesesOf } from '../../guardrails/kind-of.js'
import { varianceOf } from '../../statistics/moments.js'
import { upperNormalQuantile } from '../../statistics/normal-quantile.js'
import { type NoStratumOffset, type StratumOffset, slackOf, stratumOffset } from '../../statistics/stratum-offset.js'
import type { Summary } from '../../summaries/summary.js'
import type { StepContext } from '../judge.js'
import type { UsersKnown } from './kept-users.js'
import type { UsersPast } from './users-past.js'

/** How the users of the two arms differ at each weight of a rollout, as known at its start. Plain JSON. */
export interface UserOffsets {
  readonly thresholds: UsersPast['thresholds']
  /** The time between the middles of the two generations that the offsets come from, in milliseconds. */
  readonly distanceMs: number
  /** The age of the newer generation at the start, in milliseconds; left out if it was counted until then. */
  readonly ageMs?: number
  /** By the id of a hypothesis and the weight in percent. */
  readonly byHypothesis: Readonly<Record<string, Readonly<Record<string, StratumOffset | NoStratumOffset>>>>
}

/** The difference of the arms' users, as a block is scored with it. */
export interface UserDifference {
  /** What is expected of the canary's figure less the baseline's if the versions are the same. */
  readonly offset: number
  /** The canary must be worse by this much more to be harmful. */
  readonly harmSlack: number
  /** The canary must be better by this much to be safe. */
  readonly safetySlack: number
}

/** The difference of arms whose users are alike, or whose requests are split one by one. */
export const alikeUsers: UserDifference = /* @__PURE__ */ Object.freeze({ offset: 0, harmSlack: 0, safetySlack: 0 })

/** Harm is tested with so much slack that all offsets of a rollout are wrong with at most this probability. */
const WRONG_OFFSETS = 0.003

/** Safety is tested with the one-sided limit of 95 %. */
const SAFETY_Z = 1.64

/** How many times the slack of all users is that of one process, whose users a load balancer may have chosen. */
const SLACK_OF_ONE_PROCESS = 2

/** Where a block was counted. */
export interface OffsetPlace extends Pick<StepContext, 'weight' | 'isOneProcess'> {
  /** The time since the start of the rollout, in milliseconds. */
  readonly elapsedMs: number
  /** The number of sides of all comparisons of the rollout. */
  readonly sides: number
}

type ByUser = Hypothesis['statistic']['byUser']

/** Returns the offsets at the start of a rollout. */
export function offsetsAtStart(
  { older, newer, thresholds, ageMs }: UsersKnown,
  {
    guardrails,
    history,
    weights,
    windowMs,
  }: {
    readonly guardrails: readonly Guardrail[]
    readonly history: Summary
    readonly weights: readonly number[]
    readonly windowMs: number
  },
): UserOffsets {
  const hypotheses = guardrails
    .flatMap((guardrail) => hypothesesOf(guardrail, thresholds[guardrail.name] ?? null))
    .filter(({ limit }) => limit === null)
  const offsetsOf = (byUser: ByUser, variance?: number) => {
    const past = {
      older: byUser?.sumsOf(older.strata) ?? null,
      newer: byUser?.sumsOf(newer.strata) ?? null,
      ...(variance !== undefined && { variance }),
    }
    return Object.fromEntries(weights.map((weight) => [weight, stratumOffset(past, weight)]))
  }
  const ofHypotheses = hypotheses.map(({ id, form, statistic: { byUser, momentsOf } }) => {
    const variance = form === 'mean' ? (varianceOf(momentsOf(history)) ?? 0) : undefined
    return [id, offsetsOf(byUser, variance)] as const
  })
  const ofClasses = hypotheses.flatMap(({ classes }) =>
    (classes?.byUser ?? []).map((byUser, at) => [classes?.ids?.[at] ?? '', offsetsOf(byUser)] as const),
  )
  return {
    thresholds,
    distanceMs: ((older.windows + newer.windows) / 2) * windowMs,
    ...(ageMs !== undefined && { ageMs }),
    byHypothesis: Object.fromEntries([...ofHypotheses, ...ofClasses]),
  }
}

/** Returns the difference of the users at a weight; `null` if it is not known. */
export function differenceOf(
  offsets: UserOffsets | null,
  { id }: Pick<Hypothesis, 'id'>,
  { weight, elapsedMs, sides, isOneProcess = false }: OffsetPlace,
): UserDifference | null {
  const known = offsets?.byHypothesis[id]?.[weight]
  if (offsets === null || known === undefined || typeof known === 'string') return null
  const ofAll = slackOf(known, (elapsedMs + (offsets.ageMs ?? 0)) / offsets.distanceMs)
  const slack = isOneProcess ? SLACK_OF_ONE_PROCESS * ofAll : ofAll
  return {
    offset: known.offset,
    harmSlack: upperNormalQuantile(WRONG_OFFSETS / sides) * slack,
    safetySlack: SAFETY_Z * slack,
  }
}
