export {
  type CanaryMiddlewareOptions,
  type CanaryRoutesOptions,
  canaryOf,
  type RequestCanary,
  type Servable,
} from '@model-canary/core/adapter'
export { type CanaryState, canaryMiddleware } from './middleware.js'
export { canaryRoutes, type MountedRoutesOptions } from './routes.js'
