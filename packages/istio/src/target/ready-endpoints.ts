import { CanaryError } from '@model-canary/core'
import { messageOf } from '@model-canary/foundation'
import type { Kube, KubeAddress, KubeObject } from '../kube/kube.js'
import { elementsOf, type Json, membersOf } from '../routes/json.js'

/** The endpoints to check: those of a service, or of one subset that a DestinationRule defines. */
export interface EndpointsOf {
  /** A Kubernetes service, as a route names it: `sentiment`, or `sentiment.models.svc.cluster.local`. */
  readonly host: string
  /** The namespace of a short host name. */
  readonly namespace: string
  readonly subset?: SubsetOfRule | undefined
}

/** A subset, and the DestinationRule that defines it. */
export interface SubsetOfRule {
  readonly name: string
  readonly rule: KubeAddress
  /** True if no rule was named, so that the one with the name of the VirtualService is tried. */
  readonly isAssumed: boolean
}

/** How many pods are read at the same time. */
const AT_ONCE = 20

/**
 * Creates a check that rejects with `ROUTE_NOT_READY` or a `KUBE_*` code unless an endpoint is ready.
 *
 * It reads the service's `Endpoints` object and, for a subset, the labels of the pods behind it.
 */
export function readyEndpoints(kube: Kube, { host, namespace: own, subset }: EndpointsOf) {
  const [service = host, namespace = own] = host.split('.')
  const core = { group: '', version: 'v1', namespace }
  const whose = `service ${namespace}/${service}${subset === undefined ? '' : `, subset ${subset.name},`}`

  const isPodOf = async (pod: unknown, labels: Json, signal: AbortSignal): Promise<boolean> => {
    if (typeof pod !== 'string') return false
    const found = await kube.get({ ...core, plural: 'pods', name: pod }, signal)
    return Object.entries(labels).every(([label, value]) => found.metadata.labels?.[label as never] === value)
  }

  return async function checkReady(signal: AbortSignal): Promise<void> {
    const addresses = addressesIn(await kube.get({ ...core, plural: 'endpoints', name: service }, signal))
    if (subset === undefined && addresses.length > 0) return
    if (subset !== undefined && addresses.length > 0) {
      const labels = await labelsOf(kube, subset, signal)
      for (let from = 0; from < addresses.length; from += AT_ONCE) {
        const pods = addresses.slice(from, from + AT_ONCE).map(({ targetRef }) => membersOf(targetRef).name)
        const answers = await Promise.allSettled(pods.map((pod) => isPodOf(pod, labels, signal)))
        if (answers.some((answer) => answer.status === 'fulfilled' && answer.value)) return
        const refused = answers.find(
          (answer) => answer.status === 'rejected' && answer.reason?.code !== 'KUBE_NOT_FOUND',
        )
        if (refused?.status === 'rejected') throw refused.reason
      }
    }
    throw new CanaryError('ROUTE_NOT_READY', `${whose} has no ready endpoint; scale it up first`)
  }
}

const addressesIn = ({ subsets }: KubeObject): readonly Json[] =>
  elementsOf(subsets).flatMap((part) => elementsOf(membersOf(part).addresses).map(membersOf))

/** Reads the labels of a subset. @throws `ROUTE_NOT_READY`, `KUBE_*` */
async function labelsOf(kube: Kube, { name, rule, isAssumed }: SubsetOfRule, signal: AbortSignal): Promise<Json> {
  try {
    return labelsIn(await kube.get(rule, signal), name)
  } catch (cause) {
    if (!isAssumed || signal.aborted) throw cause
    const tried = `DestinationRule ${rule.namespace}/${rule.name}, which has the name of the VirtualService,`
    const detail = `${tried} does not say which pods the subset "${name}" has (${messageOf(cause)})`
    throw new CanaryError('ROUTE_NOT_READY', `${detail}; pass destinationRule to istioTarget`, { cause })
  }
}

function labelsIn({ spec, metadata }: KubeObject, name: string): Json {
  const subset = elementsOf(membersOf(spec).subsets).map(membersOf)
  const found = subset.find((entry) => entry.name === name)
  if (found !== undefined) return membersOf(found.labels)
  throw new CanaryError('ROUTE_NOT_READY', `DestinationRule ${metadata.name} has no subset "${name}"`)
}
