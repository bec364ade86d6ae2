import { CanaryError } from '@model-canary/core'
import { show } from '@model-canary/foundation'

/** Refuses what is no object; its names are the caller's own. */
export function checkObject(where: string, value: unknown): void {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return
  throw new CanaryError('INVALID_OPTION', `${where} must be an object, got ${show(value)}`)
}

/** The function itself. */
export function memberFunction<F>(name: string, value: F): NonNullable<F> {
  if (typeof value === 'function') return value as NonNullable<F>
  throw new CanaryError('INVALID_OPTION', `prometheusExporter: ${name} must be a function, got ${show(value)}`)
}
