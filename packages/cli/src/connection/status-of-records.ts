import type { Records } from '@model-canary/core/controller'
import { isRecord } from './records.js'

/**
 * Returns the records of a store in the form of a status, as far as they say: without what only a process knows, such
 * as the weight in force. `undefined` if they are not those of a rollout.
 */
export function statusOfRecords(records: Records): object | undefined {
  const { head, body, history } = records
  if (!isRecord(head) || !isRecord(head.state)) return undefined
  const { name, versions, state, weights } = head
  const seen = isRecord(body) && isRecord(body.state) && isSameStay(body, state) ? body : undefined
  const latest = [...(Array.isArray(history) ? history : []), ...(seen?.holds ?? [])].at(-1)
  return {
    name,
    versions,
    ...state,
    ...(seen && { requests: seen.state.requests, elapsedMs: seen.state.elapsedMs }),
    steps: Array.isArray(weights) ? weights.map((weight) => ({ weight })) : [],
    inForce: null,
    heldBy: null,
    checks: seen?.checks ?? [],
    lastDecision: latest === undefined ? null : { ...latest, verdict: latest?.verdict?.kind ?? null },
    members: null,
  }
}

/** A body can be older than the head: that of an earlier step says nothing about this one. */
const isSameStay = ({ of }: NonNullable<Records['body']>, { epoch, visit }: Records['head']['state']): boolean =>
  of?.epoch === epoch && of?.visit === visit
