// What the adapters are made of. Everything here knows Node's HTTP objects, and no framework.
export { canaryOf, seat } from './serving/canary-of.js'
export {
  type CanaryMiddlewareOptions,
  type ResolvedMiddleware,
  resolveMiddleware,
} from './serving/middleware-options.js'
export { readJsonBody } from './serving/read-body.js'
export {
  type RequestCanary,
  type RequestCanaryOptions,
  type ResponseLike,
  requestCanary,
  type Servable,
} from './serving/request-canary.js'
export {
  type CanaryRoutes,
  type CanaryRoutesOptions,
  createRoutes,
  type RouteAction,
  type RouteAnswer,
  type RouteRequest,
} from './serving/routes.js'
