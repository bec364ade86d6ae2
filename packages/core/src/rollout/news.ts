import type { ModelError } from '../foundation/vocabulary.js'
import type { Decision } from './decision.js'
import type { SlowPlan } from './slow-plan.js'
import type { AlertTopic, RolloutState } from './state.js'

/** What an alert can be about: a rollout that does not move, or a part of the loop that failed. */
export type AlertAbout =
  | AlertTopic
  | 'not-started'
  | 'plan'
  | 'guardrails'
  | 'warm-up'
  | 'target'
  | 'drift'
  | 'store'
  | 'config'
  | 'key'
  | 'share'
  | 'outcome'

/** The events about a rollout that a courier can bring to a receiver. */
export interface NewsEvents {
  /** The decided weight changed. A target may bring it into force later. */
  readonly step: { readonly epoch: number; readonly from: number; readonly to: number; readonly weight: number }
  /** The canary is to have all of the traffic, and the rollout has ended. */
  readonly promoted: { readonly epoch: number; readonly reason: string }
  /**
   * The baseline is to serve everybody. Who decided, and where the rollout stood, is left out if that is not known any
   * more. `errors` are the canary's errors of this rollout in this process, latest first; left out if there are none.
   */
  readonly 'rolled-back': {
    readonly epoch: number
    readonly reason: string
    readonly errors?: readonly ModelError[]
  } & Partial<Pick<Decision, 'actor' | 'step' | 'weight' | 'elapsedInStepMs' | 'requests'>>
  /** Something a person should look at. */
  readonly alert: {
    readonly at: number
    readonly about: AlertAbout
    readonly message: string
    /** The figures of an alert about the plan. */
    readonly plan?: SlowPlan
  }
  /** A decision with its inputs, also one to hold. */
  readonly decision: Decision
}

/** The types of news about a rollout. */
export type NewsType = keyof NewsEvents

/** One event about a rollout. */
export type News = {
  readonly [Type in NewsType]: { readonly type: Type; readonly event: NewsEvents[Type] }
}[NewsType]

/**
 * Returns the news of a change: a new weight, and an end. `errors` are the canary's of this rollout in this process. An
 * end that was stored before this process began is not news: no rollout ends from idle.
 */
export function newsOf(
  { state: before }: { readonly state: RolloutState },
  { state, history }: { readonly state: RolloutState; readonly history: readonly Decision[] },
  errors: readonly ModelError[] = [],
): readonly News[] {
  const { epoch, step, weight, reason, state: name } = state
  const news: News[] = []
  if (weight !== before.weight || epoch !== before.epoch) {
    news.push({ type: 'step', event: { epoch, from: before.step, to: step, weight } })
  }
  if (name === before.state || before.state === 'idle') return news
  if (name === 'promoted') news.push({ type: 'promoted', event: { epoch, reason: reason ?? '' } })
  if (name === 'rolled-back') {
    const event = { epoch, reason: reason ?? '', ...rollbackIn(history, epoch), ...(errors.length > 0 && { errors }) }
    news.push({ type: 'rolled-back', event })
  }
  return news
}

/** Returns the fields of the decision that rolled an epoch back; nothing if it is not in the history. */
function rollbackIn(history: readonly Decision[], epoch: number): Partial<NewsEvents['rolled-back']> {
  const isRollback = (decision: Decision) =>
    decision.action === 'rollback' && decision.applied && decision.epoch === epoch
  const decision = history.findLast(isRollback)
  if (decision === undefined) return {}
  const { actor, step, weight, elapsedInStepMs, requests } = decision
  return { actor, step, weight, elapsedInStepMs, requests }
}
