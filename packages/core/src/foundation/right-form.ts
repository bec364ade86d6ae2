import { CanaryError } from './errors.js'
import { DOCS, isRecord, show } from './options.js'

/** Refuses anything but an object, and shows what is right: `example` is what a caller writes. */
export function refuseNonObject(where: string, value: unknown, example: string): void {
  if (isRecord(value)) return
  throw wrongForm(`${where} takes an object`, example, value)
}

/** Returns the error about a value of the wrong form, with an example of the right form and a link. */
export function wrongForm(rule: string, example: string, got: unknown): CanaryError {
  return new CanaryError('INVALID_OPTION', `${rule}, as in ${example}, got ${show(got)}; see ${DOCS}#invalid_option`)
}
