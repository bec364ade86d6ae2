import { type ByVariant, CanaryError } from '@model-canary/core'
import { oneOf, refuseUnknown } from '@model-canary/foundation'
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

/** What Istio says where a client left before there was an answer. */
const LEFT = '0'

/** Responses of HTTP that are no failure of the server. A call by gRPC is answered 200, and failed all the same. */
const ANSWERED = '[1-4]..'

/** gRPC's CANCELLED: the caller left. */
const CANCELLED = '1'

/**
 * gRPC's codes for what a server did wrong: UNKNOWN, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, FAILED_PRECONDITION, ABORTED,
 * UNIMPLEMENTED, INTERNAL, UNAVAILABLE, DATA_LOSS, and any that gRPC does not define. Not among them are OK and the
 * caller's own faults: CANCELLED, INVALID_ARGUMENT, NOT_FOUND, ALREADY_EXISTS, PERMISSION_DENIED, OUT_OF_RANGE and
 * UNAUTHENTICATED.
 */
const GRPC_FAILED = '2|4|8|9|10|12|13|14|15|1[7-9]|[2-9][0-9]'

/**
 * The queries for Istio's standard metrics: HTTP requests and calls by gRPC, by version of the workload that served them.
 *
 * Requests that never reached a pod are counted by the proxies of the callers alone. They are errors too, by the flags
 * of their responses: a canary without ready pods has an error rate, and not "no data". Where no pod was picked, Istio
 * does not know the version either: such a failure of the service counts for the canary.
 *
 * Responses from 500 up are errors, and calls by gRPC with a status that is the server's fault, whatever HTTP says of
 * them. A client that left, code 0 to a proxy or CANCELLED in gRPC, is aborted. What a caller did wrong, 4xx or such as
 * INVALID_ARGUMENT, is a request like any other. Durations are those of Istio's buckets, in milliseconds: coarse, so
 * that a margin below a bucket's width is not seen.
 *
 * @throws `UNKNOWN_OPTION`, `INVALID_OPTION`, `SAME_VERSION`
 *
 * @example
 * istioQueries({ service: 'sentiment', namespace: 'shop', versions: { baseline: 'v1', canary: 'v2' } })
 */
export function istioQueries(options: IstioQueriesOptions): ByVariant<ArmQueries> {
  refuseUnknown('istioQueries', options, { service: 1, namespace: 1, versions: 1, reporter: 1 })
  const { service, namespace, versions, reporter = 'destination' } = options
  refuseUnknown('istioQueries: versions', versions, { baseline: 1, canary: 1 })
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

/** A text as a regular expression that matches nothing else. */
const literal = (text: string): string => text.replace(/[\\^$.|?*+()[\]{}]/g, '\\$&')
