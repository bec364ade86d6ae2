/** The codes of core, for documentation and tests. `docs/errors.md` has an anchor for each. */
export const ERROR_CODES = [
  'UNKNOWN_OPTION',
  'INVALID_OPTION',
  'INVALID_NAME',
  'INVALID_VERSION',
  'SAME_VERSION',
  'INVALID_WEIGHT',
  'INVALID_PLAN',
  'STEPS_NOT_RISING',
  'INVALID_MARGIN',
  'MARGIN_NOT_A_FRACTION',
  'NO_GUARDRAILS',
  'DUPLICATE_GUARDRAIL',
  'GUARDRAIL_NEEDS',
  'INVALID_STRATEGY',
  'STRATEGY_FAILED',
  'MISSING_HANDLER',
  'INVALID_KEY',
  'KEY_FAILED',
  'INVALID_VARIANT',
  'INVALID_OUTCOME',
  'INVALID_DURATION',
  'INVALID_PREDICTION',
  'INVALID_SCORE',
  'INVALID_METRIC',
  'OBSERVER_FAILED',
  'OUTPUT_NOT_OBSERVED',
  'NOT_RECORDED',
  'MODEL_TIMEOUT',
  'FALLBACK_IMPOSSIBLE',
  'LISTENER_FAILED',
  'WARM_UP_FAILED',
  'GATE_FAILED',
  'SOURCE_FAILED',
  'JUDGE_FAILED',
  'TARGET_FAILED',
  'STORE_FAILED',
  'INVALID_STATE',
  'INVALID_SUMMARY',
  'NOT_STARTED',
  'STILL_LIVE',
  'STEP_MOVED',
  'TERMINAL',
  'SWITCHED_OFF',
  'CLOSED',
  'PROCESS_ALONE',
  'NOT_MOUNTED',
  'WEBHOOK_FAILED',
  'DOUBLE_SPLIT',
] as const

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
    interface ErrorCodes extends Record<(typeof ERROR_CODES)[number], true> {}
  }
}

/** The codes of core and of every imported package that declares its own. */
export type CanaryErrorCode = keyof ModelCanary.ErrorCodes

/** The one error class: a closed code, and a sentence that says what to do. */
export class CanaryError extends Error {
  override readonly name = 'CanaryError'
  readonly code: CanaryErrorCode

  constructor(code: CanaryErrorCode, detail: string, options?: { cause?: unknown }) {
    super(`[${code}] ${detail}`, options)
    this.code = code
  }
}

/**
 * Returns whether a value is an error of this library, and has this code if one is given.
 * Works across two installed copies of the library, unlike `instanceof CanaryError`.
 */
export function isCanaryError(value: unknown, code?: CanaryErrorCode): value is CanaryError {
  return (
    value instanceof Error &&
    value.name === 'CanaryError' &&
    (code === undefined || (value as CanaryError).code === code)
  )
}
