import type { Reply } from './call.js'
import type { FakeFailure } from './failures.js'
import { failure } from './status.js'

const REASONS: ReadonlyMap<number, string> = new Map([
  [400, 'BadRequest'],
  [401, 'Unauthorized'],
  [403, 'Forbidden'],
  [404, 'NotFound'],
  [405, 'MethodNotAllowed'],
  [409, 'Conflict'],
  [410, 'Expired'],
  [413, 'RequestEntityTooLarge'],
  [415, 'UnsupportedMediaType'],
  [422, 'Invalid'],
  [429, 'TooManyRequests'],
  [500, 'InternalError'],
  [503, 'ServiceUnavailable'],
  [504, 'Timeout'],
])

/** Returns the answer of a failure; `undefined` if the failure does not replace the answer. */
export function failureReply({ status, message, text, retryAfterS }: FakeFailure): Reply | undefined {
  if (status === undefined) return undefined
  if (text !== undefined) return { status, body: text }
  const said = message ?? `the server was told to answer ${status}`
  const details = retryAfterS === undefined ? {} : { retryAfterSeconds: retryAfterS }
  return { status, body: failure(status, REASONS.get(status) ?? 'Unknown', said, details) }
}
