export {
  type CanaryMiddlewareOptions,
  type CanaryRoutesOptions,
  canaryOf,
  type RequestCanary,
  type Servable,
} from '@model-canary/core/node'
export { canaryMiddleware } from './middleware.js'
export { canaryRoutes } from './routes.js'
