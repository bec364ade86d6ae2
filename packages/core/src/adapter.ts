// For adapters of frameworks and tracers: a canary tied to one request, its flights, and its routes. Every export is
// named here.

// counting

export type { AwaitedCall } from './recorder/answer-watch.js'
export type { PendingEntry } from './recorder/pending.js'
export { PULSE_MS } from './recorder/recorder.js'
export type { FlightEntry, OpenedWindow, Origin, RecorderWindow } from './recorder/recorder-contract.js'

// serving

export type { AssignmentReason, MetricValue, ModelError, ModelErrors } from './foundation/vocabulary.js'
export type { Flight, FlightRequest, FlightResult } from './serving/flight.js'
export type { FlightObserver } from './serving/flight-observer.js'
export type { ContextModels } from './serving/model-context.js'
export type { Models, Servable, Served, Settled } from './serving/models.js'
export type { Destroyable, EndingResponse, Http2StreamLike, IncomingLike } from './serving/response-end.js'
export type { WarmUpInputs } from './serving/warm-up.js'
export type { WrapWithContext } from './serving/wrap.js'

// requests and routes

export { canaryOf, seat } from './http/canary-of.js'
export { ignoredOptions } from './http/ignored-options.js'
export { requestCanary } from './http/live-request.js'
export { type CanaryMiddlewareOptions, type ResolvedMiddleware, resolveMiddleware } from './http/middleware-options.js'
export { nodeTie, type ResponseLike } from './http/node-tie.js'
export { pseudonymOf } from './http/pseudonym.js'
export { type IncomingBody, type IncomingHeaders, readJsonBody } from './http/read-body.js'
export {
  checkServable,
  type RequestCanary,
  type RequestCanaryOptions,
} from './http/request-canary.js'
export type { RequestTie } from './http/request-tie.js'
export { createRoutes } from './http/routes/create-routes.js'
export { mountPointOf, type NodeRequest, type NodeRoutesOptions, nodeRoutes } from './http/routes/node-routes.js'
export type { PageFile, RoutesPage } from './http/routes/page-route.js'
export type { RouteAnswer, StreamedResponse } from './http/routes/route-answer.js'
export type {
  Authorization,
  AuthorizedAction,
  CanaryRoutesOptions,
  OperatedRollout,
  RouteAction,
  TextExporter,
} from './http/routes/route-options.js'
export type { CanaryRoutes, RouteRequest } from './http/routes/route-request.js'
export { runAndSend, type Sending } from './http/run-and-send.js'
