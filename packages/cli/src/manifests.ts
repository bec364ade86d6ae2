import { parseArgs } from 'node:util'
import { CanaryError } from '@model-canary/core'
import { gatewayManifests, istioManifests, roleManifests } from '@model-canary/istio'

export const MANIFESTS_USAGE = `usage: model-canary manifests istio|gateway|role --name NAME [options]

istio: a DestinationRule and a VirtualService
  --name NAME              the name of both objects
  --namespace NAMESPACE    the namespace of both objects
  --host HOST              the service, default NAME
  --baseline SUBSET        the subset of the baseline, default stable
  --canary SUBSET          the subset of the canary, default canary
  --baseline-version V     the label "version" of the baseline's pods, default v1
  --canary-version V       the label "version" of the canary's pods, default v2
  --weight PERCENT         the canary's share, default 0
  --route NAME             the name of the HTTP route, default split
  --sticky-header HEADER   the header with a caller's bucket, 0 to 99

gateway: an HTTPRoute
  --name NAME  --namespace NAMESPACE  --weight PERCENT
  --gateway NAME           the gateway that the route is attached to
  --baseline SERVICE:PORT  --canary SERVICE:PORT

role: a ServiceAccount, a Role and a RoleBinding for a controller
  --name NAME  --namespace NAMESPACE
  --virtual-service NAME  --destination-rule NAME  --http-route NAME  --config-map NAME
  --service NAME           the baseline's service; a promotion is rolled back only if it has ready endpoints
`

const OPTION = { type: 'string' } as const

/** Returns the requested manifests as YAML. Throws `INVALID_OPTION` and the errors of `parseArgs`. */
export function manifests(args: readonly string[]): string {
  const [kind, ...rest] = args
  if (kind === 'istio') return istio(rest)
  if (kind === 'gateway') return gateway(rest)
  if (kind === 'role') return role(rest)
  throw new CanaryError(
    'INVALID_OPTION',
    `manifests needs one of istio, gateway or role, got ${JSON.stringify(kind ?? '')}`,
  )
}

function istio(args: string[]): string {
  const { values } = parseArgs({
    args,
    options: {
      name: OPTION,
      namespace: OPTION,
      host: OPTION,
      baseline: { ...OPTION, default: 'stable' },
      canary: { ...OPTION, default: 'canary' },
      'baseline-version': { ...OPTION, default: 'v1' },
      'canary-version': { ...OPTION, default: 'v2' },
      weight: { ...OPTION, default: '0' },
      route: OPTION,
      'sticky-header': OPTION,
    },
  })
  const { name, namespace, host, baseline, canary, route, weight } = values
  const { 'baseline-version': before, 'canary-version': after, 'sticky-header': header } = values
  return istioManifests({
    name: required('name', name),
    subsets: { baseline, canary },
    labels: { baseline: { version: before }, canary: { version: after } },
    weight: numberOf(weight),
    ...(namespace !== undefined && { namespace }),
    ...(host !== undefined && { host }),
    ...(route !== undefined && { route }),
    ...(header !== undefined && { sticky: { header } }),
  }).yaml
}

function gateway(args: string[]): string {
  const options = { name: OPTION, namespace: OPTION, gateway: OPTION, baseline: OPTION, canary: OPTION, weight: OPTION }
  const { name, namespace, gateway, baseline, canary, weight = '0' } = parseArgs({ args, options }).values
  return gatewayManifests({
    name: required('name', name),
    gateway: { name: required('gateway', gateway) },
    backends: { baseline: backend('baseline', baseline), canary: backend('canary', canary) },
    weight: numberOf(weight),
    ...(namespace !== undefined && { namespace }),
  }).yaml
}

function role(args: string[]): string {
  const options = {
    name: OPTION,
    namespace: OPTION,
    'virtual-service': OPTION,
    'destination-rule': OPTION,
    'http-route': OPTION,
    'config-map': OPTION,
    service: OPTION,
  }
  const { values } = parseArgs({ args, options })
  const { name, namespace, 'virtual-service': virtualService, 'destination-rule': destinationRule } = values
  const { 'http-route': httpRoute, 'config-map': configMap, service } = values
  return roleManifests({
    name: required('name', name),
    ...(namespace !== undefined && { namespace }),
    ...(virtualService !== undefined && { virtualService }),
    ...(destinationRule !== undefined && { destinationRule }),
    ...(httpRoute !== undefined && { httpRoute }),
    ...(configMap !== undefined && { configMap }),
    ...(service !== undefined && { service }),
  }).yaml
}

function required(name: string, value: string | undefined): string {
  if (value !== undefined && value !== '') return value
  throw new CanaryError('INVALID_OPTION', `--${name} is missing`)
}

/** Returns a text as a number; `NaN`, not 0, if it is empty. */
const numberOf = (value: string): number => (value.trim() === '' ? Number.NaN : Number(value))

function backend(option: string, value: string | undefined) {
  const [name = '', port = '', ...rest] = required(option, value).split(':')
  if (rest.length > 0) throw new CanaryError('INVALID_OPTION', `--${option} must be SERVICE:PORT, got "${value}"`)
  return { name, port: numberOf(port) }
}
