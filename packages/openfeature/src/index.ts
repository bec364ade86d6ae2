export type { FlagCanary } from './flags.js'
export { canaryProvider } from './provider.js'
export type { CanaryProviderOptions } from './provider-options.js'
