import { CanaryError } from '../foundation/errors.js'
import { isRecord, LONGEST_NAME, show } from '../foundation/options.js'

/** Returns whether a stored value is a count. */
export const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0

/** Returns whether a stored value is a finite number. */
export const isNumber = (value: unknown): value is number => Number.isFinite(value)

/** Returns whether a stored value is a duration or a time: a finite number from 0 up. */
export const isTime = (value: unknown): value is number => isNumber(value) && value >= 0

/** Returns whether a stored value is a share in percent. */
export const isShare = (value: unknown): value is number => isTime(value) && value <= 100

/** Returns whether a stored value is a name. */
export const isName = (value: unknown): value is string =>
  typeof value === 'string' && value !== '' && value.length <= LONGEST_NAME

/** Returns whether a stored value is a number of each arm. */
export const areOfArms = (value: unknown): boolean => isRecord(value) && isTime(value.baseline) && isTime(value.canary)

/** Returns whether a stored value is `null` or has a form. */
export const isNullOr = (value: unknown, isForm: (value: unknown) => boolean): boolean =>
  value === null || isForm(value)

/** Returns the list without the entries of another form; the same list if there are none. Empty if it is not a list. */
export function entriesOf(value: unknown, isForm: (entry: unknown) => boolean): readonly unknown[] {
  if (!Array.isArray(value)) return []
  return value.every(isForm) ? value : value.filter(isForm)
}

/** Returns the error about a stored member that a rollout must obey. */
export function damaged(member: string, expected: string, value: unknown): CanaryError {
  const advice = 'restore the store, or empty it to begin a new rollout'
  return new CanaryError('INVALID_STATE', `the stored ${member} must be ${expected}, got ${show(value)}; ${advice}`)
}
