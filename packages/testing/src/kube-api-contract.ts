import { type ContractRunner, registerContract, type SkippedRule } from './contract.js'
import { admissionRules } from './kube-api-contract/admission-rules.js'
import { applyRules } from './kube-api-contract/apply-rules.js'
import { jsonPatchRules } from './kube-api-contract/json-patch-rules.js'
import { objectRules } from './kube-api-contract/object-rules.js'
import { patchRules } from './kube-api-contract/patch-rules.js'
import type { Play } from './kube-api-contract/play.js'
import type { ConnectKubeApi } from './kube-api-contract/server.js'
import { createStage } from './kube-api-contract/stage.js'
import { watchRules } from './kube-api-contract/watch-rules.js'

/** The rules of the contract. */
export type KubeApiRule = keyof ReturnType<typeof rulesFor>

export interface KubeApiContractOptions {
  /** The rules that do not hold for this server, each with its reason. */
  readonly skip?: readonly SkippedRule<KubeApiRule>[]
  /** How long an answer or an event may take, in milliseconds. @default 10_000 */
  readonly patienceMs?: number
}

/**
 * The tests that show whether a server answers as a Kubernetes API server with Istio's resources does.
 *
 * All requests go over HTTP and use VirtualServices and ConfigMaps of the contract, which are removed afterwards. The same
 * tests can be run against a fake and against a cluster, 1.28 or later. Each rule opens new connections.
 *
 * @example
 * import { it } from 'vitest'
 * kubeApiContract({ it }, 'fake', async () => {
 *   const api = await fakeKubeApi()
 *   return { url: api.url, token: api.token, namespace: 'default', close: () => api.close() }
 * })
 */
export function kubeApiContract(
  runner: ContractRunner,
  name: string,
  connect: ConnectKubeApi,
  { skip = [], patienceMs = 10_000 }: KubeApiContractOptions = {},
): void {
  const play: Play = (act) => async () => {
    const stage = await createStage(connect, patienceMs)
    try {
      await act(stage)
    } finally {
      await stage.close()
    }
  }
  registerContract<KubeApiRule>(runner, `${name} kube API contract`, rulesFor(play), skip)
}

function rulesFor(play: Play) {
  return {
    ...objectRules(play),
    ...admissionRules(play),
    ...patchRules(play),
    ...jsonPatchRules(play),
    ...applyRules(play),
    ...watchRules(play),
  }
}
