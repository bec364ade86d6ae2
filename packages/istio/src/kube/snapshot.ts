import { CanaryError } from '@model-canary/core'
import { askList, inWords } from './ask.js'
import { readObject } from './call.js'
import { isRecord, parseJson } from './json-record.js'
import type { KubeAddress, KubeEvent } from './kube.js'
import { answerOf, type Link } from './link.js'

/** The state of an object at one moment. */
export interface Snapshot {
  readonly event: KubeEvent
  /** The version from which a watch can start. */
  readonly version: string
}

/**
 * Reads the state of an object through a list of at most one element, because only a list has a version even if the
 * object does not exist. It is not retried, and rejects with the same errors as a call.
 */
export async function takeSnapshot(link: Link, address: KubeAddress, signal: AbortSignal): Promise<Snapshot> {
  const ask = askList(address)
  const answer = await answerOf(link, ask, signal)
  if ('failure' in answer) throw answer.failure.error
  const list = parseJson(answer.value)
  const version = isRecord(list) && isRecord(list.metadata) ? list.metadata.resourceVersion : undefined
  if (!isRecord(list) || !Array.isArray(list.items) || typeof version !== 'string' || version === '') {
    const detail = `${inWords(ask)}: the answer is not a list; check that the server is an API server`
    throw new CanaryError('KUBE_FAILED', detail)
  }
  const { apiVersion } = list
  const kind = typeof list.kind === 'string' ? list.kind.replace(/List$/, '') : undefined
  const found = list.items.find(
    (item) => isRecord(item) && isRecord(item.metadata) && item.metadata.name === address.name,
  )
  if (found === undefined) return { event: { type: 'gone' }, version }
  // The items of a built-in resource omit apiVersion and kind, which only their list has.
  return { event: { type: 'present', object: readObject(ask, { apiVersion, kind, ...found }) }, version }
}
