import { type CanaryError, isCanaryError } from '../../foundation/errors.js'
import { type RouteAnswer, refusal } from './route-answer.js'

/** The codes of requests that the present state of the rollout does not allow. */
const CONFLICTS: ReadonlySet<string> = new Set([
  'STEP_MOVED',
  'TERMINAL',
  'STILL_LIVE',
  'NOT_STARTED',
  'SWITCHED_OFF',
  'OTHER_CONFIG',
  'RELEASE_LIVE',
  'NOT_SHARED',
  'CLOSED',
])

/** The codes of requests that are malformed. Every other code means that a part behind the routes failed. */
const MISTAKES: ReadonlySet<string> = new Set(['INVALID_OPTION', 'UNKNOWN_OPTION', 'INVALID_NAME'])

/**
 * Returns the answer for an error of a canary. The message of a part behind the routes, such as a store, is shown only
 * to a client that may see it. Rethrows errors that are not the library's own.
 */
export async function refusalOf(
  error: unknown,
  action: string,
  isTrusted: () => Promise<boolean>,
): Promise<RouteAnswer> {
  if (!isCanaryError(error)) throw error
  const isOwn = CONFLICTS.has(error.code) || MISTAKES.has(error.code)
  const message = isOwn || (await isTrusted()) ? error.message : `${action} failed with ${error.code}; its log says why`
  return refusal(statusOf(error), error.code, message)
}

function statusOf({ code }: CanaryError): number {
  if (CONFLICTS.has(code)) return 409
  return MISTAKES.has(code) ? 400 : 503
}
