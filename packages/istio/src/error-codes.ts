/** The error codes of targets and stores in Kubernetes, for documentation and tests. */
export const ISTIO_ERROR_CODES = [
  'KUBE_CONFIG',
  'KUBE_UNREACHABLE',
  'KUBE_UNAUTHORIZED',
  'KUBE_FORBIDDEN',
  'KUBE_NOT_FOUND',
  'KUBE_CONFLICT',
  'KUBE_INVALID',
  'KUBE_THROTTLED',
  'KUBE_FAILED',
  'ROUTE_NOT_FOUND',
  'ROUTE_AMBIGUOUS',
  'ROUTE_INVALID',
  'ROUTE_NOT_READY',
  'ROUTE_DRIFTED',
] as const

declare global {
  namespace ModelCanary {
    interface ErrorCodes extends Record<(typeof ISTIO_ERROR_CODES)[number], true> {}
  }
}
