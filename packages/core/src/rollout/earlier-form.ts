import { isRecord } from '../foundation/options.js'

/** Returns a stored state, or a part of one, in the present form: an earlier release called its name `status`. */
export function nameInTodaysForm(value: unknown): unknown {
  if (!isRecord(value) || value.status === undefined) return value
  const { status, ...others } = value
  return { ...others, state: status }
}
