import { CanaryError } from '@model-canary/core'
import { gatewayManifests, istioManifests, roleManifests } from '@model-canary/istio'
import { Command } from 'commander'
import { EXIT } from '../exit-codes.js'
import type { CommandContext } from './command.js'

/** The command `manifests`: the objects of a rollout in Kubernetes, as YAML. */
export function manifestsCommand({ world, end }: CommandContext): Command {
  const write = (yaml: string): void => {
    world.stdout.write(yaml)
    end(EXIT.done)
  }
  const kinds = [istioCommand(write), gatewayCommand(write), roleCommand(write)]
  const command = new Command('manifests')
    .description('writes the Kubernetes manifests of a rollout as YAML')
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

type Write = (yaml: string) => void

interface IstioOptions {
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
    .action((options: IstioOptions) => {
      const { name, namespace, host, baseline, canary, weight, route, stickyHeader: header } = options
      const { yaml } = istioManifests({
        name: required('name', name),
        subsets: { baseline, canary },
        labels: { baseline: { version: options.baselineVersion }, canary: { version: options.canaryVersion } },
        weight: numberOf(weight),
        ...(namespace !== undefined && { namespace }),
        ...(host !== undefined && { host }),
        ...(route !== undefined && { route }),
        ...(header !== undefined && { sticky: { header } }),
      })
      write(yaml)
    })

interface GatewayOptions {
  readonly name: string
  readonly namespace?: string
  readonly gateway: string
  readonly baseline: string
  readonly canary: string
  readonly weight: string
}

const gatewayCommand = (write: Write): Command =>
  named('gateway', 'an HTTPRoute')
    .option('--gateway <name>', 'the gateway that the route is attached to')
    .option('--baseline <service:port>', 'the service of the baseline')
    .option('--canary <service:port>', 'the service of the canary')
    .option('--weight <percent>', 'the canary’s share', '0')
    .action(({ name, namespace, gateway, baseline, canary, weight }: GatewayOptions) => {
      const { yaml } = gatewayManifests({
        name: required('name', name),
        gateway: { name: required('gateway', gateway) },
        backends: { baseline: backend('baseline', baseline), canary: backend('canary', canary) },
        weight: numberOf(weight),
        ...(namespace !== undefined && { namespace }),
      })
      write(yaml)
    })

interface RoleOptions {
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
    .action(({ name, ...others }: RoleOptions) =>
      write(roleManifests({ name: required('name', name), ...others }).yaml),
    )

/** The options of every kind. */
const named = (kind: string, description: string): Command =>
  new Command(kind)
    .description(description)
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
