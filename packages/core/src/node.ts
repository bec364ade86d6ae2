// What needs Node: webhooks, and what the adapters are made of, which knows Node's HTTP objects and no framework.

// trying again, and checks of options and of what was thrown, for packages beside this one
export { type BackOff, pauseBeforeTry } from './back-off.js'
export { messageOf } from './message-of.js'
// webhooks
export type { WebhookFormat } from './notify/encode.js'
export type { EndpointOptions } from './notify/endpoint.js'
export type { WebhookData, WebhookEvent, WebhookMessage, WebhookMessageOf } from './notify/message.js'
export { type VerifyWebhookOptions, verifyWebhook, type WebhookHeaders } from './notify/verify-webhook.js'
export { type Webhook, type WebhookSource, webhook } from './notify/webhook.js'
export { type WebhookGateOptions, webhookGate } from './notify/webhook-gate.js'
export type { WebhookOptions } from './notify/webhook-options.js'
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
} from './options.js'
// time limits, and what a server asks to wait
export { retryAfterMsOf } from './retry-after.js'
export { type DeadlineOptions, pause, withDeadline } from './rollout/deadline.js'
// closed sets of labels
export { type DecidedBy, decidedBy } from './rollout/decided-by.js'
export { ROLLOUT_STATUSES, WAITS } from './rollout/state.js'
// adapters
export { canaryOf, seat } from './serving/canary-of.js'
export {
  type CanaryMiddlewareOptions,
  type ResolvedMiddleware,
  resolveMiddleware,
} from './serving/middleware-options.js'
export { pseudonymOf } from './serving/pseudonym.js'
export { type IncomingBody, type IncomingHeaders, readJsonBody } from './serving/read-body.js'
export {
  checkServable,
  type RequestCanary,
  type RequestCanaryOptions,
  type ResponseLike,
  requestCanary,
  type Servable,
} from './serving/request-canary.js'
export {
  type AuthorizedAction,
  type CanaryRoutes,
  type CanaryRoutesOptions,
  createRoutes,
  type RouteAction,
  type RouteAnswer,
  type RouteRequest,
} from './serving/routes.js'
// texts from outside
export { visible } from './visible-text.js'
