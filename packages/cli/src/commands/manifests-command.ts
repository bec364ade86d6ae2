import { CanaryError } from '@model-canary/core'
import { gatewayManifests, istioManifests, type KubeObject, roleManifests } from '@model-canary/istio'
import { type Command, Option } from 'commander'
import { EXIT } from '../exit-codes.js'
import { safeJson } from '../safe-text.js'
import { type CommandContext, type CommonOptions, createCommand } from './command.js'

/** Some objects, and the same as YAML. */
interface Manifests {
  readonly objects: readonly KubeObject[]
  readonly yaml: string
}

/** The command `manifests`: the objects of a rollout in Kubernetes, as YAML. */
export function manifestsCommand({ world, end }: CommandContext): Command {
  const write: Write = ({ objects, yaml }, { json = false }) => {
    const list = { apiVersion: 'v1', kind: 'List', items: objects }
    world.stdout.write(json ? `${safeJson(list, 2)}\n` : yaml)
    end(EXIT.done)
  }
  const kinds = [istioCommand(write), gatewayCommand(write), roleCommand(write)]
  const command = createCommand('manifests', 'writes the Kubernetes manifests of a rollout as YAML', [
    'manifests istio --name sentiment --namespace models | kubectl apply -f -',
  ])
    .enablePositionalOptions() // --json after a kind is that of the kind
    .argument('[kind]', 'istio, gateway or role')
    .action((kind = '') => {
      throw new CanaryError(
        'INVALID_OPTION',
        `manifests needs one of istio, gateway or role, got ${JSON.stringify(kind)}`,
      )
    })
  for (const kind of kinds) command.addCommand(kind)
  return command
}

type Write = (manifests: Manifests, options: CommonOptions) => void

interface IstioOptions extends CommonOptions {
  readonly name: string
  readonly namespace?: string
  readonly host?: string
  readonly baseline: string
  readonly canary: string
  readonly baselineVersion: string
  readonly canaryVersion: string
  readonly weight: string
  readonly route?: string
  readonly stickyHeader?: string
  readonly hosts?: readonly string[]
  readonly gateways?: readonly string[]
  readonly apiVersion?: 'v1' | 'v1beta1'
}

const istioCommand = (write: Write): Command =>
  named('istio', 'a DestinationRule and a VirtualService')
    .option('--host <host>', 'the service (default: the name)')
    .option('--baseline <subset>', 'the subset of the baseline', 'stable')
    .option('--canary <subset>', 'the subset of the canary', 'canary')
    .option('--baseline-version <version>', 'the label "version" of the baseline’s pods', 'v1')
    .option('--canary-version <version>', 'the label "version" of the canary’s pods', 'v2')
    .option('--weight <percent>', 'the canary’s share', '0')
    .option('--route <name>', 'the name of the HTTP route (default: split)')
    .option('--sticky-header <header>', 'the header with a caller’s bucket, 0 to 99')
    .option('--hosts <hosts>', 'the host names that callers use, with commas (default: the service)', listOf)
    .option('--gateways <gateways>', 'the gateways that the routes apply to (default: the mesh)', listOf)
    .addOption(new Option('--api-version <version>', 'of networking.istio.io').choices(['v1', 'v1beta1']))
    .action((options: IstioOptions) => {
      const { name, namespace, host, baseline, canary, weight, route, stickyHeader: header } = options
      const { hosts, gateways, apiVersion } = options
      const manifests = istioManifests({
        name: required('name', name),
        subsets: { baseline, canary },
        labels: { baseline: { version: options.baselineVersion }, canary: { version: options.canaryVersion } },
        weight: numberOf(weight),
        ...(namespace !== undefined && { namespace }),
        ...(host !== undefined && { host }),
        ...(route !== undefined && { route }),
        ...(header !== undefined && { sticky: { header } }),
        ...(hosts !== undefined && { hosts }),
        ...(gateways !== undefined && { gateways }),
        ...(apiVersion !== undefined && { apiVersion }),
      })
      write(manifests, options)
    })

interface GatewayOptions extends CommonOptions {
  readonly name: string
  readonly namespace?: string
  readonly gateway: string
  readonly gatewayNamespace?: string
  readonly hosts?: readonly string[]
  readonly baseline: string
  readonly canary: string
  readonly weight: string
}

const gatewayCommand = (write: Write): Command =>
  named('gateway', 'an HTTPRoute')
    .option('--gateway <name>', 'the gateway that the route is attached to')
    .option('--gateway-namespace <namespace>', 'the namespace of the gateway (default: that of the route)')
    .option('--hosts <hosts>', 'the host names of the route, with commas (default: all of the gateway)', listOf)
    .option('--baseline <service:port>', 'the service of the baseline')
    .option('--canary <service:port>', 'the service of the canary')
    .option('--weight <percent>', 'the canary’s share', '0')
    .action((options: GatewayOptions) => {
      const { name, namespace, gateway, gatewayNamespace, hosts, baseline, canary, weight } = options
      const { httpRoute, yaml } = gatewayManifests({
        name: required('name', name),
        gateway: {
          name: required('gateway', gateway),
          ...(gatewayNamespace !== undefined && { namespace: gatewayNamespace }),
        },
        backends: { baseline: backend('baseline', baseline), canary: backend('canary', canary) },
        weight: numberOf(weight),
        ...(namespace !== undefined && { namespace }),
        ...(hosts !== undefined && { hostnames: hosts }),
      })
      write({ objects: [httpRoute], yaml }, options)
    })

interface RoleOptions extends CommonOptions {
  readonly color?: boolean
  readonly name: string
  readonly namespace?: string
  readonly virtualService?: string
  readonly destinationRule?: string
  readonly httpRoute?: string
  readonly configMap?: string
  readonly service?: string
}

const roleCommand = (write: Write): Command =>
  named('role', 'a ServiceAccount, a Role and a RoleBinding for a controller')
    .option('--virtual-service <name>', 'the object that splits the traffic')
    .option('--destination-rule <name>', 'the object that defines the subsets')
    .option('--http-route <name>', 'the route of a gateway')
    .option('--config-map <name>', 'the object in which the rollout is kept')
    .option('--service <name>', 'the baseline’s service, asked before a promotion is rolled back')
    .action(({ json = false, color: _, name, ...others }: RoleOptions) => {
      write(roleManifests({ name: required('name', name), ...others }), { json })
    })

const EXAMPLES: Readonly<Record<string, readonly string[]>> = {
  istio: ['manifests istio --name sentiment --namespace models --hosts models.example --gateways istio-ingress/public'],
  gateway: ['manifests gateway --name sentiment --gateway public --baseline sentiment-v1:80 --canary sentiment-v2:80'],
  role: ['manifests role --name sentiment-canary --namespace models --virtual-service sentiment'],
}

/** Returns names that are separated by commas. */
const listOf = (text: string): readonly string[] => text.split(',').map((name) => name.trim())

/** The options of every kind. */
const named = (kind: string, description: string): Command =>
  createCommand(kind, description, EXAMPLES[kind] ?? [])
    .option('--name <name>', 'the name of the objects')
    .option('--namespace <namespace>', 'the namespace of the objects')

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
