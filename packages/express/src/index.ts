export {
  type CanaryMiddlewareOptions,
  type CanaryRoutesOptions,
  canaryOf,
  type RequestCanary,
} from '@model-canary/core/node'
export { canaryMiddleware } from './middleware.js'
export { canaryRoutes } from './routes.js'
