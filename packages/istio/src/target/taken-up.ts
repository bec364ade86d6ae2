import type { Drift } from '@model-canary/core/controller'
import type { KubeObject } from '../kube/kube.js'
import { elementsOf, type Json, membersOf } from '../routes/json.js'

/** The gateways' status of a route: they use it, they have not processed it yet, or they refuse it. */
export type TakeUp =
  | { readonly kind: 'taken' }
  | { readonly kind: 'pending'; readonly detail: string }
  | { readonly kind: 'refused'; readonly detail: string }

/** The conditions that must be true for a route to be in force. */
const NEEDED = ['Accepted', 'ResolvedRefs']

/**
 * Reads the conditions of an HTTPRoute for each of its parents. Pure.
 *
 * A condition counts only for the generation that it observed. A route without a status counts as taken.
 */
export function takeUpOf(object: KubeObject): TakeUp {
  const { generation } = object.metadata
  const verdicts = elementsOf(membersOf(object.status).parents).flatMap((entry) => {
    const parent = membersOf(entry)
    const name = String(membersOf(parent.parentRef).name ?? 'a parent')
    const conditions = elementsOf(parent.conditions).map(membersOf)
    return conditions
      .filter(({ type }) => NEEDED.includes(String(type)))
      .map((condition) => verdictOf(condition, name, generation))
  })
  const worst = (kind: TakeUp['kind']) => verdicts.find((verdict) => verdict.kind === kind)
  return worst('refused') ?? worst('pending') ?? { kind: 'taken' }
}

/** Returns the drift for a route that a gateway refuses; its `weight` is `null`, because it is unknown. */
export function notTakenUp(where: string, found: TakeUp | undefined): Drift | null {
  return found?.kind === 'refused' ? { weight: null, message: `${where} is not in force: ${found.detail}.` } : null
}

function verdictOf(condition: Json, parent: string, generation: number | undefined): TakeUp {
  const { type, status, reason, message, observedGeneration } = condition
  if (typeof observedGeneration === 'number' && generation !== undefined && observedGeneration < generation) {
    const detail = `${parent} has not processed it yet: ${type} is for generation ${observedGeneration} of ${generation}`
    return { kind: 'pending', detail }
  }
  if (status === 'True') return { kind: 'taken' }
  const why = [reason, message].filter((text) => typeof text === 'string' && text !== '').join(': ')
  const detail = `${type} is ${String(status)} for ${parent}${why === '' ? '' : ` (${why.slice(0, 300)})`}`
  return { kind: status === 'False' ? 'refused' : 'pending', detail }
}
