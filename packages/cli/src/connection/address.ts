import type { Command } from 'commander'
import { EXIT } from '../exit-codes.js'
import { failure } from '../failure.js'
import type { World } from '../world.js'
import { httpTransport } from './http-transport.js'
import { connectionFor, type KubePlace, type PodPort, parseKubePlace, parsePodPort } from './kube-connection.js'
import { kubeTransport } from './kube-transport.js'
import { TOKEN_VARIABLE, type TokenOptions, tokenOf } from './token.js'
import type { Transport } from './transport.js'

/** The options of every command that talks to a service. */
export interface AddressOptions extends TokenOptions {
  /** The name of the rollout, where several have their routes below one address. */
  readonly rollout?: string
  /** The ConfigMap in which a controller keeps its rollout, in place of an address. */
  readonly kube?: KubePlace
  /** The context of the kubeconfig. */
  readonly context?: string
  /** The pod that has the routes. */
  readonly pod?: PodPort
  /** The path of the routes in the pod. */
  readonly path: string
}

/** The environment variable that an address is read from. */
export const URL_VARIABLE = 'MODEL_CANARY_URL'

/** Adds the argument and the options of an address to a command. */
export function withAddress(command: Command): Command {
  return command
    .argument('[url]', `the address of the routes, such as http://localhost:3000/canary (default: ${URL_VARIABLE})`)
    .option('--rollout <name>', 'the rollout, where several have their routes below one address')
    .option('--token-file <path>', `a file with the token for the routes (default: the token in ${TOKEN_VARIABLE})`)
    .option('--token <token>', 'the token itself, which everybody on this machine can see')
    .option('--kube <namespace/name>', 'read the ConfigMap of a controller instead of an address', parseKubePlace)
    .option('--context <name>', 'with --kube: the context of the kubeconfig (default: the current one)')
    .option('--pod <pod:port>', 'with --kube: the pod with the routes, for verbs', parsePodPort)
    .option('--path <path>', 'with --pod: the path of the routes in the pod', '/canary')
}

/** Returns the way to the routes at an address. */
export function connect(url: string | undefined, options: AddressOptions, world: World): Transport {
  const { kube, context, pod, path } = options
  if (kube !== undefined) {
    if (url !== undefined) throw failure(EXIT.usage, 'TWO_ADDRESSES', 'give an address or --kube, not both')
    const token = tokenOf(options, world)
    return kubeTransport({ connection: connectionFor(context, world), place: kube, pod, path, token, world })
  }
  const given = url ?? world.env[URL_VARIABLE]
  if (given === undefined || given === '') {
    const advice = `pass one, such as http://localhost:3000/canary, or set ${URL_VARIABLE}`
    throw failure(EXIT.usage, 'NO_ADDRESS', `the address of the routes is missing; ${advice}`)
  }
  return httpTransport({ base: baseOf(given), token: tokenOf(options, world), world })
}

function baseOf(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol))
    throw failure(EXIT.usage, 'BAD_ADDRESS', `${text} is no address; pass one such as http://localhost:3000/canary`)
  if (url.username !== '' || url.password !== '')
    throw failure(EXIT.usage, 'BAD_ADDRESS', 'an address with a password is in the list of processes; use --token-file')
  if (url.search !== '' || url.hash !== '')
    throw failure(EXIT.usage, 'BAD_ADDRESS', `${text} has a query or a fragment; pass the address of the routes alone`)
  if (!url.pathname.endsWith('/')) url.pathname += '/'
  return url
}
