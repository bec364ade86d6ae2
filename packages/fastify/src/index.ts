export {
  type CanaryMiddlewareOptions,
  type CanaryRoutesOptions,
  canaryOf,
  type RequestCanary,
  type Servable,
} from '@model-canary/core/adapter'
export { canaryPlugin } from './plugin.js'
export { canaryRoutes } from './routes.js'
