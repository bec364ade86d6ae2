import { CanaryError, type CanaryErrorCode } from '@model-canary/core'
import { show } from '@model-canary/core/node'

/** Refuses what is no object; options are checked by name as well. */
export function checkObject(where: string, value: unknown, known?: readonly string[]): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new CanaryError('INVALID_OPTION', `${where} must be an object, got ${show(value)}`)
  }
  const unknown = known && Object.keys(value).find((name) => !known.includes(name))
  if (unknown !== undefined) {
    throw new CanaryError('UNKNOWN_OPTION', `${where} has no option "${unknown}"; it knows ${known!.join(', ')}`)
  }
}

/** The function itself. */
export function memberFunction<F>(name: string, value: F): NonNullable<F> {
  if (typeof value === 'function') return value as NonNullable<F>
  throw new CanaryError('INVALID_OPTION', `prometheusExporter: ${name} must be a function, got ${show(value)}`)
}

/** A name that is a label value as it stands: 1 to 64 visible characters. */
export function labelName(name: string, value: unknown, code: CanaryErrorCode): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
  const isFit = typeof value === 'string' && value.isWellFormed() && /^[^\u0000-\u001f\u007f]{1,64}$/.test(value)
  if (isFit) return value
  throw new CanaryError(
    code,
    `prometheusExporter: ${name} must be 1 to 64 characters without control characters, got ${show(value)}`,
  )
}
