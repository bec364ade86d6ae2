import { CanaryError, isCanaryError } from '@model-canary/core'
import type { KubeConnection, KubeCredentials } from './credentials.js'
import { unlessAborted } from './unless-aborted.js'

/**
 * Calls `attempt` with the connection's credentials. After a 401 it calls it once more with fresh ones, so that a
 * token that was just rotated does not cause a failure.
 */
export async function authorized<T extends { readonly status: number }>(
  connection: KubeConnection,
  signal: AbortSignal | undefined,
  attempt: (credentials: KubeCredentials) => Promise<T>,
): Promise<T> {
  const answer = await attempt(await credentialsOf(connection, signal))
  if (answer.status !== 401) return answer
  connection.refuse?.()
  return attempt(await credentialsOf(connection, signal))
}

async function credentialsOf(connection: KubeConnection, signal: AbortSignal | undefined): Promise<KubeCredentials> {
  try {
    return await unlessAborted(Promise.resolve(connection.credentials(signal)), signal)
  } catch (cause) {
    if (signal?.aborted) throw signal.reason
    if (isCanaryError(cause)) throw cause
    const detail = 'the connection returned no credentials; see the cause, and check where it gets them'
    throw new CanaryError('KUBE_UNAUTHORIZED', detail, { cause })
  }
}
