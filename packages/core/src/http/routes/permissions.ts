import { DEFAULT_ACTOR } from '../../controller/verbs.js'
import { isRecord, LONGEST_NAME, safeName } from '../../foundation/options.js'
import { visibleLine } from '../../foundation/visible-text.js'
import type { Clock } from '../../runtime/clock.js'
import { withDeadline } from '../../runtime/deadline.js'
import type { IncomingHeaders } from '../read-body.js'
import { type RouteAnswer, refusal } from './route-answer.js'
import type { AuthorizedAction, CanaryRoutesOptions } from './route-options.js'

/** Whether a request may do something, and who sent it if that is known. */
export interface Permission {
  readonly isAllowed: boolean
  readonly actor?: string
}

/** Asks `authorize`. Never rejects: an error, an answer that is not known, and none within 10 s are a no. */
export type AskPermission<Request> = (request: Request, action: AuthorizedAction, name: string) => Promise<Permission>

/** How long `authorize` may take, in milliseconds. */
const LONGEST_MS = 10_000

/** Creates the function that asks `authorize`; without it, nothing is allowed. */
export function createPermissions<Request>(
  authorize: CanaryRoutesOptions<Request>['authorize'],
  clock: Clock,
): AskPermission<Request> {
  return async (request, action, name) => {
    if (authorize === undefined) return { isAllowed: false }
    const given: unknown = await withDeadline(clock, LONGEST_MS, () => authorize(request, action, name)).catch(
      () => false,
    )
    if (!isRecord(given) || typeof given.actor !== 'string') return { isAllowed: given === true }
    return { isAllowed: true, actor: nameIn(given.actor) }
  }
}

/**
 * Returns a name that a history can keep. A text without one must not stop a rollback, and must not let the sender
 * choose a name either.
 */
function nameIn(text: string): string {
  try {
    return safeName('actor', visibleLine(text).trim().slice(0, LONGEST_NAME).toWellFormed())
  } catch {
    return DEFAULT_ACTOR
  }
}

/** Returns the answer to a request that is not allowed: 401 if it has no credentials, and 403 if it has the wrong ones. */
export function deniedFor(headers: IncomingHeaders, what: string): RouteAnswer {
  const isKnown = headers.authorization !== undefined || headers.cookie !== undefined
  if (isKnown) return refusal(403, 'FORBIDDEN', `${what} is not allowed`)
  return refusal(401, 'UNAUTHENTICATED', `${what} needs credentials`, { headers: { 'www-authenticate': 'Bearer' } })
}
