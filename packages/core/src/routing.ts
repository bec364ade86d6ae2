// For strategies of your own, and for services that only route. Every export is named here.

// what routes

export { type Bucketer, createBucketer } from './routing/md5.js'
export { createRouter, type Router, type RouterOptions, type Split } from './routing/router.js'

// strategies

export type { AssignmentReason } from './foundation/vocabulary.js'
export type { RoutingKey } from './routing/key.js'
export type { Forced, Overridden } from './routing/override.js'
export type { BucketStrategy, OverrideStrategy, RoutingInput, RoutingRequest, Strategy } from './routing/strategy.js'
