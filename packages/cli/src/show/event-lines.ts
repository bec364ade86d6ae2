import { isRecord, numberIn, recordIn, textIn } from '../connection/records.js'
import { decisionOf, type StatusView } from '../connection/status-view.js'
import type { StreamEvent } from '../following/event-parser.js'
import { safeData } from '../safe-text.js'
import type { Colors } from './colors.js'
import { whereText } from './status-lines.js'

/** Returns a moment as text, in UTC. */
export const timeText = (atMs: number): string => `${new Date(atMs).toISOString().slice(0, 19)}Z`

/** Returns an event as one line for people; `undefined` if there is nothing to say. */
export function eventLine({ event, data }: StreamEvent, nowMs: number, colors: Colors): string | undefined {
  const told = safeData(data)
  if (!isRecord(told)) return undefined
  if (event === 'alert') return `${timeText(nowMs)} ${colors.yellow('alert')} ${textIn(told, 'message') ?? ''}`
  if (event === 'reset') return `${timeText(nowMs)} the history begins anew: the store was emptied or restored`
  if (event !== 'decision') return undefined
  const decision = decisionOf(told)
  if (decision === null) return undefined
  const at = numberIn(told, 'at') ?? nowMs
  const now = recordIn(told, 'now')
  const where = `${textIn(now, 'state') ?? '?'} at ${numberIn(now, 'weight') ?? '?'} %`
  return `${timeText(isTime(at) ? at : nowMs)} ${decision.text} (${where})`
}

/** Returns the number of the decision that an event tells; `undefined` if it tells none. */
export const sequenceIn = ({ event, data }: StreamEvent): number | undefined =>
  event === 'decision' && isRecord(data) ? numberIn(data, 'sequence') : undefined

/** A service may send any number; only some are dates. */
const isTime = (atMs: number): boolean => Math.abs(atMs) <= 8.64e15

/** Returns where a rollout stands, as one line. */
export const placeLine = (view: StatusView, colors: Colors): string => {
  const held = view.heldBy === null ? '' : `, held by the ${view.heldBy}`
  const disabled = view.isEnabled ? '' : ', disabled'
  return `${colors.bold(view.name)} ${view.canary}: ${whereText(view, colors)}, ${view.weight} %${held}${disabled}`
}
