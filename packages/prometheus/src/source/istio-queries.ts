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
  /** Who counts the requests that reach a pod: its own proxy, or those of its callers. Both would count twice. @default 'destination' */
  readonly reporter?: 'destination' | 'source'
}

/**
 * Envoy's flags of responses that no pod has given: no healthy one, no connection to one, retries used up, no route, no
 * such subset, a circuit breaker that is open. Flags stand beside each other, such as `UF,URX`.
 */
const UNREACHED = '(.*,)?(UH|UF|URX|NR|NC|UO)(,.*)?'

/** What Istio says of the version where no pod was ever picked. */
const NO_VERSION = 'unknown'

/**
 * The queries for Istio's standard metrics: HTTP requests by version of the workload that served them.
 *
 * Requests that never reached a pod are counted by the proxies of the callers alone. They are errors too, by the flags
 * of their responses: a canary without ready pods has an error rate, and not "no data". Where no pod was picked, Istio
 * does not know the version either: such a failure of the service counts for the canary.
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
  const countedBy = (side: string): readonly Matcher[] => [
    ['reporter', '=', side],
    ['destination_service_name', '=', service],
    ...(namespace === undefined ? [] : [['destination_service_namespace', '=', namespace] as const]),
  ]
  /** Seen by callers alone; a caller's own count has those of a known version already. */
  const unreached = (versions: readonly string[]): string | undefined => {
    const unseen = versions.filter((version) => reporter === 'destination' || version === NO_VERSION)
    if (unseen.length === 0) return undefined
    const [only] = unseen
    return selector('istio_requests_total', [
      ...countedBy('source'),
      unseen.length === 1
        ? ['destination_version', '=', only!]
        : ['destination_version', '=~', unseen.map(literal).join('|')],
      ['response_flags', '=~', UNREACHED],
      ['response_code', '!=', '0'],
    ])
  }
  const queriesOf = (version: string, failed: string | undefined): ArmQueries => {
    const all: readonly Matcher[] = [...countedBy(reporter), ['destination_version', '=', version]]
    const answered: readonly Matcher[] = [...all, ['response_code', '!=', '0']]
    return {
      requests: selector('istio_requests_total', all),
      errors: selector('istio_requests_total', [...all, ['response_code', '=~', '5..']]),
      ...(failed !== undefined && { unreached: failed }),
      aborted: selector('istio_requests_total', [...all, ['response_code', '=', '0']]),
      durations: {
        buckets: selector('istio_request_duration_milliseconds_bucket', answered),
        sum: selector('istio_request_duration_milliseconds_sum', answered),
        unit: 'ms',
      },
    }
  }
  return {
    baseline: queriesOf(versions.baseline, unreached([versions.baseline])),
    canary: queriesOf(versions.canary, unreached([versions.canary, NO_VERSION])),
  }
}

/** A text as a regular expression that matches nothing else. */
const literal = (text: string): string => text.replace(/[\\^$.|?*+()[\]{}]/g, '\\$&')
