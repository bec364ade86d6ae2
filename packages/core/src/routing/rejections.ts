import { adopt, isThenable } from './thenable.js'

/** Calls `handle` with the error if a value is a promise that rejects. Never throws. */
export function onRejection(value: unknown, handle: (cause: unknown) => void): void {
  if (isThenable(value)) adopt(value).catch(handle)
}

/** Handles the rejection of a promise that is not awaited, so that it cannot end the process. Never throws. */
export const ignoreRejection = (value: unknown): void => onRejection(value, () => {})
