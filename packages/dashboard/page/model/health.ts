import { sentence, type Tone } from './headline.js'
import type { ShownStatus } from './records.js'
import { capital, countOf, durationOf, numberOf } from './words.js'

/** One part that a rollout depends on, and how it is. */
export interface HealthLine {
  readonly part: string
  readonly tone: Tone
  readonly words: string
}

/** Returns how the parts are that a rollout depends on. */
export function healthOf(status: ShownStatus): readonly HealthLine[] {
  const lines = [processes(status), store(status), target(status), loop(status), failures(status), withoutKey(status)]
  return lines.filter((line) => line !== undefined)
}

function processes({ members, instance }: ShownStatus): HealthLine {
  if (members === null) return { part: 'Processes', tone: 'calm', words: 'This process alone, as far as it knows.' }
  const { count, upToDate, warm, leader } = members
  const words = [
    countOf(count, 'process', 'processes'),
    `${numberOf(upToDate)} up to date`,
    `${numberOf(warm)} with a warm canary`,
    leader === null ? 'none is known to judge' : `${leader === instance ? 'this one' : leader} judges`,
  ]
  const isWell = upToDate >= count && leader !== null
  return { part: 'Processes', tone: isWell ? 'good' : 'wary', words: `${words.join(', ')}.` }
}

/** Codes of failed stores: each store has its own. Those of a target are counted as `TARGET_FAILED`. */
const OF_STORES = /^(STORE|REDIS|KUBE)_/

function store({ heldBy, internalErrors, members }: ShownStatus): HealthLine {
  if (heldBy?.by === 'store')
    return {
      part: 'Store',
      tone: 'bad',
      words: `Not reachable (${heldBy.code}). Rollbacks act here and are written later.`,
    }
  const failed = Object.entries(internalErrors)
    .filter(([code]) => OF_STORES.test(code))
    .reduce((sum, [, times]) => sum + times, 0)
  if (failed > 0)
    return { part: 'Store', tone: 'wary', words: `Answers now; it failed ${countOf(failed, 'time')} before.` }
  return { part: 'Store', tone: 'good', words: members === null ? 'No failures.' : 'Answers, and is shared.' }
}

function target({ weight, inForce, heldBy, drift, enabled }: ShownStatus): HealthLine {
  if (drift !== null) return { part: 'Target', tone: 'bad', words: sentence(capital(drift.message)) }
  if (heldBy?.by === 'target')
    return { part: 'Target', tone: 'bad', words: `Does not take the weight (${heldBy.code}).` }
  if (inForce === null) return { part: 'Target', tone: 'wary', words: 'The weight in force is not known.' }
  const decided = enabled ? weight : 0
  if (inForce.weight === decided) return { part: 'Target', tone: 'good', words: `${decided} % is in force.` }
  return { part: 'Target', tone: 'wary', words: `${inForce.weight} % is in force; ${decided} % is decided.` }
}

function loop({ loop }: ShownStatus): HealthLine | undefined {
  if (loop === null) return undefined
  const words = `${durationOf(loop.p99Ms)} late at p99, busy for ${Math.round(loop.utilization * 100)} % of the time.`
  return { part: 'Event loop', tone: loop.p99Ms > 200 || loop.utilization > 0.9 ? 'wary' : 'good', words }
}

function failures({ internalErrors }: ShownStatus): HealthLine | undefined {
  const codes = Object.entries(internalErrors)
  if (codes.length === 0) return undefined
  return { part: 'Failures', tone: 'wary', words: codes.map(([code, times]) => `${code} ${times}×`).join(', ') }
}

function withoutKey({ withoutKey }: ShownStatus): HealthLine | undefined {
  if (withoutKey === 0) return undefined
  return { part: 'Keys', tone: 'wary', words: `${countOf(withoutKey, 'request')} without a usable key: no evidence.` }
}
