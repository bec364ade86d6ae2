import { RAISING_VERBS, type VerbOptions } from '../../controller/verbs.js'
import { isRecord } from '../../foundation/options.js'
import type { Status } from '../../rollout/status.js'
import { type IncomingHeaders, isJson } from '../read-body.js'
import { headerOf } from './cross-site.js'
import { publicStatus } from './public-status.js'
import { refusalOf } from './refusals.js'
import { answer, type RouteAnswer, refusal } from './route-answer.js'
import type { OperatedRollout, RouteAction } from './route-options.js'

/** An allowed request for a verb. */
export interface VerbRequest {
  readonly rollout: OperatedRollout
  readonly action: RouteAction
  readonly headers: IncomingHeaders
  /** Who sends it, as `authorize` says; `undefined` if it does not. */
  readonly actor: string | undefined
  readonly body: () => Promise<unknown>
  /** Resolves to whether the client may see the words of other people's errors. */
  readonly isTrusted: () => Promise<boolean>
  /** Takes one of the uses that are left: returns 0, or how long until the next one, in milliseconds. */
  readonly take: () => number
}

/** Carries a verb out, and answers with the new status and how many processes apply it. */
export async function sendVerb(request: VerbRequest): Promise<RouteAnswer> {
  const { rollout, action, headers, actor, isTrusted, take } = request
  if (!isJson(headers)) return NOT_JSON
  const body = await request.body()
  if (body !== undefined && !isRecord(body)) return NO_OBJECT
  const { expectedStep, ...others } = (body ?? {}) as VerbOptions
  const options: VerbOptions = { ...others, ...keyIn(headers), ...(actor !== undefined && { actor }) }
  const current = async () => ({ body: { status: await statusFor(rollout.status(), isTrusted) } })

  const isRaising = RAISING_VERBS.has(action) // the others do not depend on the step
  if (isRaising && expectedStep === undefined)
    return refusal(428, 'EXPECTED_STEP', `${action} ${STEP_ADVICE}`, await current())
  const waitMs = take()
  if (waitMs > 0 && (isRaising || !isNeeded(action, rollout.status())))
    return refusal(429, 'TOO_MANY', `${action}: too many verbs in a short time; try again`, retryAfter(waitMs))
  try {
    return await done(
      rollout,
      await rollout[action](isRaising ? ({ ...options, expectedStep } as VerbOptions) : options),
      isTrusted,
    )
  } catch (error) {
    const refused = await refusalOf(error, action, isTrusted)
    return refused.status === 409
      ? { ...refused, body: { ...(refused.body as object), ...(await current()).body } }
      : refused
  }
}

/** Returns whether a verb that gives the canary less still has something to do. */
function isNeeded(action: RouteAction, { state, enabled }: Status): boolean {
  if (action === 'disable') return enabled
  return state !== (action === 'pause' ? 'paused' : 'rolled-back')
}

async function done(rollout: OperatedRollout, status: Status, isTrusted: () => Promise<boolean>): Promise<RouteAnswer> {
  return answer(200, { body: { ...(await statusFor(status, isTrusted)), ...(await rollout.reached()) } })
}

/** Returns a status as the client may see it. `authorize` is asked only if that makes a difference. */
async function statusFor(status: Status, isTrusted: () => Promise<boolean>): Promise<Status> {
  const told = publicStatus(status)
  return JSON.stringify(told) === JSON.stringify(status) || !(await isTrusted()) ? told : status
}

/** Returns the key of the request; nothing if it has none. */
function keyIn(headers: IncomingHeaders): Pick<VerbOptions, 'idempotencyKey'> {
  const idempotencyKey = headerOf(headers, 'idempotency-key')
  return idempotencyKey === undefined ? {} : { idempotencyKey }
}

const retryAfter = (waitMs: number) => ({ headers: { 'retry-after': String(Math.ceil(waitMs / 1_000)) } })

const STEP_ADVICE = 'needs expectedStep, such as {"expectedStep":{"step":2,"epoch":1}}: the step that you have seen'

const NOT_JSON = /* @__PURE__ */ refusal(
  415,
  'NOT_JSON',
  'send a verb with content-type: application/json, and its options, if any, as a JSON object',
)

const NO_OBJECT = /* @__PURE__ */ refusal(
  400,
  'INVALID_OPTION',
  'send a JSON object of at most 16 KiB, or nothing; a parser before the routes must leave what it has read',
)
