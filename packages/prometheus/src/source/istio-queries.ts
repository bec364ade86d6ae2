import { CanaryError } from '@model-canary/core'
import type { ByVariant } from '@model-canary/core/controller'
import { type Defaults, oneOf, refuseUnknown } from '@model-canary/foundation'
import type { ArmQueries } from './arm-queries.js'
import { type Matcher, selector } from './selector.js'

/** The options of {@link istioQueries}. */
export interface IstioQueriesOptions {
  /** The name of the Kubernetes service. */
  readonly service: string
  /** The service's namespace. @default services of that name in all namespaces */
  readonly namespace?: string
  /** The values of the pods' label `version`. */
  readonly versions: ByVariant<string>
  /** Which proxy counts the requests: the pod's own, or its callers'. Both would count twice. @default 'destination' */
  readonly reporter?: 'destination' | 'source'
}

/** What an option is if it is not given. */
const ISTIO_QUERIES_DEFAULTS = { reporter: 'destination' } as const satisfies Defaults<IstioQueriesOptions>

/**
 * Envoy's flags of responses that did not come from a pod: no healthy pod, no connection, retries used up, no route, no
 * such subset, an open circuit breaker. Several flags are separated by commas, such as `UF,URX`.
 */
const UNREACHED = '(.*,)?(UH|UF|URX|NR|NC|UO)(,.*)?'

/** Istio's label value for the version if no pod was selected. */
const NO_VERSION = 'unknown'

/** Istio's response code if the client left before there was a response. */
const LEFT = '0'

/** HTTP codes that are not server errors. A failed gRPC call has 200, too. */
const ANSWERED = '[1-4]..'

/** gRPC's code CANCELLED: the caller left. */
const CANCELLED = '1'

/**
 * gRPC's codes for server errors: UNKNOWN, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, FAILED_PRECONDITION, ABORTED,
 * UNIMPLEMENTED, INTERNAL, UNAVAILABLE, DATA_LOSS, and all codes that gRPC does not define. Excluded are OK and the
 * caller's errors: CANCELLED, INVALID_ARGUMENT, NOT_FOUND, ALREADY_EXISTS, PERMISSION_DENIED, OUT_OF_RANGE and
 * UNAUTHENTICATED.
 */
const GRPC_FAILED = '2|4|8|9|10|12|13|14|15|1[7-9]|[2-9][0-9]'

/**
 * Returns the queries for Istio's standard metrics: HTTP requests and gRPC calls, by version of the serving workload.
 *
 * Requests that never reached a pod are counted only by the callers' proxies. They count as errors, by the flags of
 * their responses, so that a canary without ready pods has an error rate instead of "no data". If no pod was selected,
 * Istio does not know the version; such a failure counts for the canary.
 *
 * Responses from 500 up are errors, and so are gRPC calls whose status is a server error, with any HTTP status. If the
 * client left, which is code 0 in a proxy or CANCELLED in gRPC, the request is aborted. A caller's error, such as 4xx
 * or INVALID_ARGUMENT, counts as a normal request. Durations come from Istio's buckets, in milliseconds. They are
 * coarse: a difference below the width of a bucket is not seen.
 *
 * @throws `UNKNOWN_OPTION`, `INVALID_OPTION`, `SAME_VERSION`
 *
 * @example
 * istioQueries({ service: 'sentiment', namespace: 'shop', versions: { baseline: 'v1', canary: 'v2' } })
 */
export function istioQueries(options: IstioQueriesOptions): ByVariant<ArmQueries> {
  refuseUnknown('istioQueries', options, { service: 1, namespace: 1, versions: 1, reporter: 1 })
  const { service, namespace, versions, reporter = ISTIO_QUERIES_DEFAULTS.reporter } = options
  refuseUnknown('istioQueries: versions', versions, { baseline: 1, canary: 1 })
  if (versions.baseline === versions.canary) {
    throw new CanaryError('SAME_VERSION', 'both versions are the same; pass the label values of two versions')
  }
  oneOf('istioQueries: reporter', reporter, ['destination', 'source'])
  const countedBy = (side: string): readonly Matcher[] => [
    ['reporter', '=', side],
    ['destination_service_name', '=', service],
    ...(namespace === undefined ? [] : [['destination_service_namespace', '=', namespace] as const]),
  ]
  /** Selects failures that only callers see. Those of a known version are already in a caller's own count. */
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
      ['response_code', '!=', LEFT],
    ])
  }
  const queriesOf = (version: string, failed: string | undefined): ArmQueries => {
    const all: readonly Matcher[] = [...countedBy(reporter), ['destination_version', '=', version]]
    const counted = (...matchers: readonly Matcher[]) => selector('istio_requests_total', [...all, ...matchers])
    const stayed: readonly Matcher[] = [
      ...all,
      ['response_code', '!=', LEFT],
      ['grpc_response_status', '!=', CANCELLED],
    ]
    return {
      requests: counted(),
      errors: [
        counted(['response_code', '=~', '5..']),
        counted(['response_code', '=~', ANSWERED], ['grpc_response_status', '=~', GRPC_FAILED]),
      ],
      ...(failed !== undefined && { unreached: failed }),
      aborted: [
        counted(['response_code', '=', LEFT]),
        counted(['response_code', '=~', ANSWERED], ['grpc_response_status', '=', CANCELLED]),
      ],
      durations: {
        buckets: selector('istio_request_duration_milliseconds_bucket', stayed),
        sum: selector('istio_request_duration_milliseconds_sum', stayed),
        unit: 'ms',
      },
    }
  }
  return {
    baseline: queriesOf(versions.baseline, unreached([versions.baseline])),
    canary: queriesOf(versions.canary, unreached([versions.canary, NO_VERSION])),
  }
}

/** Escapes a text for use in a regular expression. */
const literal = (text: string): string => text.replace(/[\\^$.|?*+()[\]{}]/g, '\\$&')
