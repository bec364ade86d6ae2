import { CanaryError } from '@model-canary/core'
import { pause, pauseBeforeTry } from '@model-canary/foundation'
import { type Ask, inWords } from './ask.js'
import { CALL_BACKOFF } from './backoff.js'
import type { Failure } from './failure.js'
import { isRecord, parseJson } from './json-record.js'
import type { KubeObject } from './kube.js'
import { answerOf, type Link } from './link.js'

/** How often a call is retried, and the random numbers that spread its pauses. */
export interface CallRetries {
  readonly retries: number
  readonly random: () => number
}

/** Sends a request and retries it until it succeeds, fails permanently, or has used up its retries. */
export async function call(
  link: Link,
  ask: Ask,
  { retries, random }: CallRetries,
  signal: AbortSignal | undefined,
): Promise<KubeObject> {
  for (let failures = 0; ; failures += 1) {
    const answer = await answerOf(link, ask, signal)
    if ('value' in answer) return readObject(ask, parseJson(answer.value))
    const { failure } = answer
    if (failures >= retries || !mayTryAgain(ask, failure)) throw failure.error
    const delayMs = pauseBeforeTry(CALL_BACKOFF, failures, random, failure.retryAfterMs)
    await pause(link.clock, delayMs, signal, { keepAlive: true })
    signal?.throwIfAborted()
  }
}

function mayTryAgain({ isRepeatable }: Ask, { mayPass, isUntouched }: Failure): boolean {
  return mayPass && (isRepeatable || isUntouched)
}

/** Returns a response as an object of the API. @throws `KUBE_FAILED` if it is not one */
export function readObject(ask: Ask, value: unknown): KubeObject {
  if (isKubeObject(value)) return value
  const detail = `${inWords(ask)}: the answer is not a Kubernetes object; check that the server is an API server`
  throw new CanaryError('KUBE_FAILED', detail)
}

/** Whether a value has the members that every object of the API has. */
export function isKubeObject(value: unknown): value is KubeObject {
  if (!isRecord(value) || typeof value.apiVersion !== 'string' || typeof value.kind !== 'string') return false
  return isRecord(value.metadata) && typeof value.metadata.name === 'string'
}
