import type { ByVariant } from '@model-canary/core/controller'

/** Everything that the manifests and the controller have to agree on. */
export const NAMESPACE = 'models'
export const SERVICE = 'sentiment'
export const ROUTE = 'predict'
export const CONTROLLER = 'sentiment-canary'
export const STATE = 'sentiment-rollout'
export const SUBSETS: ByVariant<string> = { baseline: 'stable', canary: 'canary' }

/** The new version. A release changes only these two lines. */
export const VERSIONS: ByVariant<string> = { baseline: 'v1', canary: 'v2' }
