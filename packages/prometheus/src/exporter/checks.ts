import { CanaryError } from '@model-canary/core'
import { show } from '@model-canary/foundation'

/** Checks that a value is an object; its members may have any name. @throws `INVALID_OPTION` */
export function checkObject(where: string, value: unknown): void {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return
  throw new CanaryError('INVALID_OPTION', `${where} must be an object, got ${show(value)}`)
}

/** Returns the value if it is a function. @throws `INVALID_OPTION` */
export function memberFunction<F>(name: string, value: F): NonNullable<F> {
  if (typeof value === 'function') return value as NonNullable<F>
  throw new CanaryError('INVALID_OPTION', `prometheusExporter: ${name} must be a function, got ${show(value)}`)
}
