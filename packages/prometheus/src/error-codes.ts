/** The error codes of the Prometheus source, for documentation and tests. */
export const PROMETHEUS_ERROR_CODES = [
  'PROMETHEUS_UNREACHABLE',
  'QUERY_FAILED',
  'QUERY_AMBIGUOUS',
  'QUERY_NOT_A_COUNT',
  'QUERY_STALE',
] as const

declare global {
  namespace ModelCanary {
    interface ErrorCodes extends Record<(typeof PROMETHEUS_ERROR_CODES)[number], true> {}
  }
}
