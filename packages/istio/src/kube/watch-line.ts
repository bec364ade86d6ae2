import { CanaryError } from '@model-canary/core'
import { type Ask, inWords } from './ask.js'
import { isKubeObject } from './call.js'
import { isRecord, parseJson } from './json-record.js'
import type { KubeEvent } from './kube.js'
import { statusFailure } from './status-failure.js'

/** One parsed line of a watch. */
export type WatchLine =
  | { readonly type: 'change'; readonly version: string; readonly event?: KubeEvent }
  /** The server no longer has the changes since the requested version. */
  | { readonly type: 'expired' }

/**
 * Reads one line of a watch.
 *
 * @throws the error of an `ERROR` line, or `KUBE_FAILED` if the line cannot be read
 */
export function readWatchLine(ask: Ask, line: string): WatchLine {
  const { type, object } = asRecord(parseJson(line))
  if (type === 'ERROR') return readError(ask, object)
  const version = asRecord(asRecord(object).metadata).resourceVersion
  if (typeof version !== 'string' || version === '') throw unreadable(ask)
  if (type === 'BOOKMARK') return { type: 'change', version }
  if (!isKubeObject(object)) throw unreadable(ask)
  if (object.metadata.name !== ask.address.name) return { type: 'change', version } // the selector was ignored
  if (type === 'DELETED') return { type: 'change', version, event: { type: 'gone' } }
  if (type === 'ADDED' || type === 'MODIFIED') return { type: 'change', version, event: { type: 'present', object } }
  throw unreadable(ask)
}

function readError(ask: Ask, status: unknown): WatchLine {
  const code = asRecord(status).code
  if (code === 410) return { type: 'expired' }
  throw statusFailure(ask, { status: typeof code === 'number' ? code : 500, body: status }).error
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return isRecord(value) ? value : {}
}

function unreadable(ask: Ask): CanaryError {
  return new CanaryError(
    'KUBE_FAILED',
    `${inWords(ask)}: a line is not a watch event; check that the server is an API server`,
  )
}
