/** The error codes of the store in Redis, for documentation and tests. */
export const REDIS_ERROR_CODES = ['REDIS_FAILED', 'REDIS_UNANSWERED', 'REDIS_MISROUTED'] as const

declare global {
  namespace ModelCanary {
    interface ErrorCodes extends Record<(typeof REDIS_ERROR_CODES)[number], true> {}
  }
}
