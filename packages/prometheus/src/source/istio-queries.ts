import { type ByVariant, CanaryError } from '@model-canary/core'
import { oneOf, refuseUnknown } from '@model-canary/core/node'
import type { ArmQueries } from './arm-queries.js'
import { type Matcher, selector } from './selector.js'

/** Whose requests Istio's standard metrics are asked for. */
export interface IstioQueriesOptions {
  /** The name of the Kubernetes service. */
  readonly service: string
  /** The service's namespace. Without it, services of that name in all of them. */
  readonly namespace?: string
  /** The values of the pods' label `version`. */
  readonly versions: ByVariant<string>
  /** Who counts: the proxy of the model, or those of its callers. Both would count twice. @default 'destination' */
  readonly reporter?: 'destination' | 'source'
}

/**
 * The queries for Istio's standard metrics: HTTP requests by version of the workload that served them.
 *
 * Responses from 500 up are errors. A client that left, code 0 to a proxy, is aborted. Durations are those of
 * Istio's buckets, in milliseconds: coarse, so that a margin below a bucket's width is not seen.
 *
 * @throws `UNKNOWN_OPTION`, `INVALID_OPTION`, `SAME_VERSION`
 *
 * @example
 * istioQueries({ service: 'sentiment', namespace: 'shop', versions: { baseline: 'v1', canary: 'v2' } })
 */
export function istioQueries(options: IstioQueriesOptions): ByVariant<ArmQueries> {
  refuseUnknown('istioQueries', options, ['service', 'namespace', 'versions', 'reporter'])
  const { service, namespace, versions, reporter = 'destination' } = options
  refuseUnknown('istioQueries: versions', versions, ['baseline', 'canary'])
  if (versions.baseline === versions.canary) {
    throw new CanaryError('SAME_VERSION', 'both versions are the same; give the values of the label of both')
  }
  oneOf('istioQueries: reporter', reporter, ['destination', 'source'])
  const queriesOf = (version: string): ArmQueries => {
    const all: readonly Matcher[] = [
      ['reporter', '=', reporter],
      ['destination_service_name', '=', service],
      ...(namespace === undefined ? [] : [['destination_service_namespace', '=', namespace] as const]),
      ['destination_version', '=', version],
    ]
    const answered: readonly Matcher[] = [...all, ['response_code', '!=', '0']]
    return {
      requests: selector('istio_requests_total', all),
      errors: selector('istio_requests_total', [...all, ['response_code', '=~', '5..']]),
      aborted: selector('istio_requests_total', [...all, ['response_code', '=', '0']]),
      durations: {
        buckets: selector('istio_request_duration_milliseconds_bucket', answered),
        sum: selector('istio_request_duration_milliseconds_sum', answered),
        unit: 'ms',
      },
    }
  }
  return { baseline: queriesOf(versions.baseline), canary: queriesOf(versions.canary) }
}
