import { CanaryError, type CanaryErrorCode } from '@model-canary/core'
import { type Ask, inWords } from './ask.js'
import type { Failure } from './failure.js'
import { quote } from './foreign-text.js'
import { isRecord, parseJson } from './json-record.js'

/** A response with an error status. */
export interface Refusal {
  readonly status: number
  /** The body, or the object of an `ERROR` event; usually a `Status`. */
  readonly body: unknown
  readonly retryAfterMs?: number | undefined
}

/** The most invalid fields that a message names. */
const MOST_CAUSES = 10

const PASSING: ReadonlySet<number> = new Set([429, 500, 502, 503, 504])

/** Turns a response that is not 2xx into a failure, by its status and the server's message. */
export function statusFailure(ask: Ask, { status, body: raw, retryAfterMs }: Refusal): Failure {
  const body = typeof raw === 'string' ? (parseJson(raw) ?? raw) : raw
  const said = quote(status === 422 ? (fieldsOf(body) ?? statusMessageOf(body)) : statusMessageOf(body))
  const [code, meaning] = meaningOf(ask, status, body)
  const words = said === '' ? '' : `. The server says: ${said}`
  return {
    status,
    error: new CanaryError(code, `${inWords(ask)}: ${meaning}${words}`),
    mayPass: PASSING.has(status),
    isUntouched: status === 429 || retryAfterMs !== undefined,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  }
}

function meaningOf(ask: Ask, status: number, body: unknown): readonly [CanaryErrorCode, string] {
  if (status === 401) return ['KUBE_UNAUTHORIZED', 'the server does not accept the credentials (401); renew them']
  if (status === 403) return ['KUBE_FORBIDDEN', `not allowed (403); bind a Role with ${roleFor(ask)}`]
  if (status === 404) {
    return ['KUBE_NOT_FOUND', 'not found (404); check the name, the namespace, and that the resource is installed']
  }
  if (status === 409) return ['KUBE_CONFLICT', conflict(body)]
  if (status === 422) return ['KUBE_INVALID', 'refused as invalid (422); correct the named fields']
  if (status === 429) return ['KUBE_THROTTLED', 'too many requests (429); send fewer']
  return ['KUBE_FAILED', `the server answered ${status}`]
}

function roleFor({ verb, address: { group, plural } }: Ask): string {
  return `apiGroups ["${group}"], resources ["${plural}"], verbs ["${verb}"]`
}

function conflict(body: unknown): string {
  return isRecord(body) && body.reason === 'AlreadyExists'
    ? 'an object of that name already exists (409); use another name, or patch it'
    : 'it has changed since it was read (409); read it again and decide again'
}

/** Returns the message of a `Status`, or the text itself if a proxy answered instead of the server. */
function statusMessageOf(body: unknown): string {
  if (typeof body === 'string') return body
  return isRecord(body) && typeof body.message === 'string' ? body.message : ''
}

/** Lists the invalid fields, such as `spec.http[0].route[1].weight: Invalid value: "string"`. */
function fieldsOf(body: unknown): string | undefined {
  const details = isRecord(body) ? body.details : undefined
  const causes = isRecord(details) && Array.isArray(details.causes) ? details.causes : []
  const fields = causes
    .slice(0, MOST_CAUSES)
    .filter((cause) => isRecord(cause) && typeof cause.field === 'string' && typeof cause.message === 'string')
    .map((cause) => `${cause.field}: ${cause.message}`)
  return fields.length === 0 ? undefined : fields.join('; ')
}
