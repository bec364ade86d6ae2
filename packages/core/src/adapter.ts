// For adapters of frameworks: a canary tied to one request, and its routes. Every export is named here.

// counting

export type { AwaitedCall } from './recorder/answer-watch.js'
export type { PendingEntry } from './recorder/pending.js'
export { PULSE_MS } from './recorder/recorder.js'
export type { FlightEntry, Origin, RecorderWindow } from './recorder/recorder-contract.js'
export type { Destroyable, EndingResponse, Http2StreamLike, IncomingLike } from './serving/response-end.js'

// requests and routes

export { canaryOf, seat } from './http/canary-of.js'
export { requestCanary } from './http/live-request.js'
export { type CanaryMiddlewareOptions, type ResolvedMiddleware, resolveMiddleware } from './http/middleware-options.js'
export { nodeTie, type ResponseLike } from './http/node-tie.js'
export { pseudonymOf } from './http/pseudonym.js'
export { type IncomingBody, type IncomingHeaders, readJsonBody } from './http/read-body.js'
export {
  checkServable,
  type RequestCanary,
  type RequestCanaryOptions,
  type Servable,
} from './http/request-canary.js'
export type { RequestTie } from './http/request-tie.js'
export type { RouteAnswer } from './http/route-answer.js'
export {
  type AuthorizedAction,
  type CanaryRoutes,
  type CanaryRoutesOptions,
  createRoutes,
  type RouteAction,
  type RouteRequest,
  type TextExporter,
} from './http/routes.js'
