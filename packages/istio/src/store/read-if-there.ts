import { isCanaryError } from '@model-canary/core'
import type { Kube, KubeAddress, KubeObject } from '../kube/kube.js'

/** Reads an object; `undefined` if it does not exist. */
export async function readIfThere(
  kube: Kube,
  address: KubeAddress,
  signal?: AbortSignal,
): Promise<KubeObject | undefined> {
  try {
    return await kube.get(address, signal)
  } catch (error) {
    if (isCanaryError(error, 'KUBE_NOT_FOUND')) return undefined
    throw error
  }
}
