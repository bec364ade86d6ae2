export {
  type CanaryMiddlewareOptions,
  type CanaryRoutesOptions,
  canaryOf,
  type RequestCanary,
  type Servable,
} from '@model-canary/core/adapter'
export { type CanaryHandlerOptions, canaryHandler } from './handler.js'
export { canaryMiddleware } from './middleware.js'
export { canaryRoutes } from './routes.js'
