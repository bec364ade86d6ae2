import { inCluster, type KubeConnection, kubeconfig } from '@model-canary/istio'
import { InvalidArgumentError } from 'commander'
import type { World } from '../world.js'

/** An object of a namespace, such as a ConfigMap or a port of a pod. */
export interface KubePlace {
  readonly namespace: string
  readonly name: string
}

/** A port of a pod. */
export interface PodPort {
  readonly pod: string
  readonly port: string
}

const NAME = /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/

/** Returns what `--kube NAMESPACE/NAME` says. */
export function parseKubePlace(text: string): KubePlace {
  const [namespace = '', name = '', ...rest] = text.split('/')
  if (NAME.test(namespace) && NAME.test(name) && rest.length === 0) return { namespace, name }
  throw new InvalidArgumentError('It must be NAMESPACE/NAME of a ConfigMap, such as models/sentiment-rollout.')
}

/** Returns what `--pod POD:PORT` says. */
export function parsePodPort(text: string): PodPort {
  const [pod = '', port = '', ...rest] = text.split(':')
  if (NAME.test(pod) && /^\d{1,5}$/.test(port) && rest.length === 0) return { pod, port }
  throw new InvalidArgumentError('It must be POD:PORT, such as sentiment-canary-0:9100.')
}

/** Returns the way to the cluster: that of a kubeconfig, or, in a pod that has none, that of its service account. */
export function connectionFor(context: string | undefined, { env }: Pick<World, 'env'>): KubeConnection {
  const [path = ''] = (env.KUBECONFIG ?? '').split(process.platform === 'win32' ? ';' : ':')
  const isPod = (env.KUBERNETES_SERVICE_HOST ?? '') !== ''
  if (path === '' && context === undefined && isPod) return inCluster()
  return kubeconfig({ ...(path !== '' && { path }), ...(context !== undefined && { context }) })
}
