// What needs Node: webhooks, and what the adapters are made of, which knows Node's HTTP objects and no framework.

export { messageOf } from './foundation/message-of.js'
export {
  duration,
  flag,
  numberWithin,
  oneOf,
  optionalFunction,
  optionalText,
  refuseUnknown,
  safeName,
  show,
  text,
  wholeNumber,
} from './foundation/options.js'
// texts from outside
export { visible } from './foundation/visible-text.js'
// adapters
export { canaryOf, seat } from './http/canary-of.js'
export { requestCanary } from './http/live-request.js'
export {
  type CanaryMiddlewareOptions,
  type ResolvedMiddleware,
  resolveMiddleware,
} from './http/middleware-options.js'
export { pseudonymOf } from './http/pseudonym.js'
export { type IncomingBody, type IncomingHeaders, readJsonBody } from './http/read-body.js'
export {
  checkServable,
  type RequestCanary,
  type RequestCanaryOptions,
  type ResponseLike,
  type Servable,
} from './http/request-canary.js'
export {
  type AuthorizedAction,
  type CanaryRoutes,
  type CanaryRoutesOptions,
  createRoutes,
  type RouteAction,
  type RouteAnswer,
  type RouteRequest,
} from './http/routes.js'
// closed sets of labels
export { type DecidedBy, decidedBy } from './rollout/decided-by.js'
export { ROLLOUT_STATUSES, WAITS } from './rollout/state.js'
// trying again, and checks of options and of what was thrown, for packages beside this one
export { type BackOff, pauseBeforeTry } from './runtime/back-off.js'
export { type DeadlineOptions, pause, withDeadline } from './runtime/deadline.js'
// time limits, and what a server asks to wait
export { retryAfterMsOf } from './runtime/retry-after.js'
// webhooks
export type { WebhookFormat } from './webhook/encode.js'
export type { EndpointOptions } from './webhook/endpoint.js'
export type { WebhookData, WebhookEvent, WebhookMessage, WebhookMessageOf } from './webhook/message.js'
export { type VerifyWebhookOptions, verifyWebhook, type WebhookHeaders } from './webhook/verify-webhook.js'
export { type Webhook, type WebhookSource, webhook } from './webhook/webhook.js'
export { type WebhookGateOptions, webhookGate } from './webhook/webhook-gate.js'
export type { WebhookOptions } from './webhook/webhook-options.js'
