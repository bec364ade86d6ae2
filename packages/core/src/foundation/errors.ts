import type { CoreErrorCode } from './error-codes.js'

declare global {
  namespace ModelCanary {
    /**
     * The error codes, as keys. A package that adds a target, a source or a store declares its own codes here:
     *
     * ```ts
     * declare global {
     *   namespace ModelCanary {
     *     interface ErrorCodes {
     *       GATEWAY_UNREACHABLE: true
     *     }
     *   }
     * }
     * ```
     */
    interface ErrorCodes extends Record<CoreErrorCode, true> {}
  }
}

/** The codes of core and of every imported package that declares its own. */
export type CanaryErrorCode = keyof ModelCanary.ErrorCodes

/** The one error class: a code, and a sentence that says what to do. */
export class CanaryError extends Error {
  override readonly name = 'CanaryError'
  readonly code: CanaryErrorCode

  constructor(code: CanaryErrorCode, detail: string, options?: { cause?: unknown }) {
    super(`[${code}] ${detail}`, options)
    this.code = code
  }
}

/**
 * Returns whether a value is an error of this library, with this code if one is given.
 * Works across two installed copies of the library, unlike `instanceof CanaryError`.
 */
export function isCanaryError(value: unknown, code?: CanaryErrorCode): value is CanaryError {
  return (
    value instanceof Error &&
    value.name === 'CanaryError' &&
    (code === undefined || (value as CanaryError).code === code)
  )
}
