/** What each code means; the detail behind it says what was given and what to do. */
const MESSAGES = {
  UNKNOWN_OPTION: 'an option is not known',
  INVALID_OPTION: 'an option has a value that cannot be used',
  INVALID_NAME: 'a name cannot be used',
  INVALID_VERSION: 'a version cannot be used',
  SAME_VERSION: 'baseline and canary are the same version',
  INVALID_WEIGHT: 'a weight is a percentage from 0 to 100 in steps of 0.01',
  INVALID_PLAN: 'the plan cannot be followed',
  STEPS_NOT_RISING: 'the weights of a plan must rise from step to step',
  INVALID_MARGIN: 'a margin cannot be used',
  MARGIN_NOT_A_FRACTION: 'a margin of a rate is a fraction between 0 and 1',
  NO_GUARDRAILS: 'a rollout without guardrails has nothing to judge',
  DUPLICATE_GUARDRAIL: 'two guardrails have the same name',
  GUARDRAIL_NEEDS: 'a guardrail needs what its source does not give',
  INVALID_STRATEGY: 'the strategy cannot be used',
  STRATEGY_FAILED: 'the strategy threw or answered with something else than a variant',
  MISSING_HANDLER: 'a handler for one of the two variants is missing',
  INVALID_KEY: 'a routing key cannot be used',
  KEY_FAILED: 'reading the routing key of a request threw',
  INVALID_VARIANT: 'a variant is either "baseline" or "canary"',
  INVALID_OUTCOME: 'an outcome is one of "success", "error", "timeout" and "aborted"',
  INVALID_DURATION: 'a duration is a number of milliseconds from 0 up',
  INVALID_PREDICTION: 'a prediction is a string, a finite number or a boolean',
  INVALID_SCORE: 'a score is a finite number',
  INVALID_METRIC: 'a business metric is a finite number or a boolean',
  OBSERVER_FAILED: 'a function that describes an output threw',
  INVALID_OUTPUT: 'the model gave an output that its validation refused',
  MODEL_TIMEOUT: 'the model did not answer in time',
  LISTENER_FAILED: 'a listener threw or rejected',
  WARM_UP_FAILED: 'the canary failed on its warm-up inputs',
  GATE_FAILED: 'a gate threw, rejected or did not answer in time',
  SOURCE_FAILED: 'the metrics source failed',
  JUDGE_FAILED: 'the judge threw',
  TARGET_FAILED: 'the target did not take the weight',
  STORE_FAILED: 'the store failed',
  INVALID_STATE: 'the stored rollout cannot be taken up',
  INVALID_SUMMARY: 'a summary cannot be read',
  NOT_STARTED: 'the rollout has not been started',
  STILL_LIVE: 'the rollout is still under way',
  STEP_MOVED: 'the rollout is no longer at the expected step',
  TERMINAL: 'the rollout has ended',
  CLOSED: 'the canary has been closed',
  NOT_MOUNTED: 'the request did not pass the canary middleware',
} as const

/** The closed set of error codes; `docs/errors.md` has an anchor for each. */
export type CanaryErrorCode = keyof typeof MESSAGES

/** Every code, for documentation and tests. */
export const ERROR_CODES = Object.keys(MESSAGES) as readonly CanaryErrorCode[]

/** The one error class: a closed code, and a sentence that says what to do. */
export class CanaryError extends Error {
  override readonly name = 'CanaryError'
  readonly code: CanaryErrorCode

  constructor(code: CanaryErrorCode, detail: string, options?: { cause?: unknown }) {
    super(`${MESSAGES[code]}; ${detail} [${code}]`, options)
    this.code = code
  }
}

/**
 * Tells whether a value is an error of this library, and of this code.
 * Works across two installed copies, where `instanceof CanaryError` would not.
 */
export function isCanaryError(value: unknown, code?: CanaryErrorCode): value is CanaryError {
  return (
    value instanceof Error &&
    value.name === 'CanaryError' &&
    (code === undefined || (value as CanaryError).code === code)
  )
}
