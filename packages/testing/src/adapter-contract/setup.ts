import type { IncomingHttpHeaders, Server } from 'node:http'
import type { Readable } from 'node:stream'
import type { Canary } from '@model-canary/core'
import type { CanaryMiddlewareOptions, CanaryRoutesOptions, RequestCanary } from '@model-canary/core/adapter'

/** What every framework's request has in common: its headers. In Koa it is the context. */
export interface AnyRequest {
  readonly headers: IncomingHttpHeaders
}

/** A canary whose middleware is to be mounted, with the middleware's options. */
export interface MountedCanary {
  readonly canary: Canary
  readonly options?: CanaryMiddlewareOptions<AnyRequest>
}

/** A request as a route of the contract sees it; the harness makes one from the framework's own. */
export interface Exchange {
  /** What the framework gives to `key`, and what `canaryOf` takes. */
  readonly request: object
  /** `req.canary`, or what the framework calls it. */
  readonly canary: RequestCanary
  /** The adapter's own `canaryOf`, for this request. */
  canaryOf(canary: Canary): RequestCanary
}

/** What a route answers. The harness sends it in the way that is usual for the framework. */
export interface AdapterAnswer {
  /** @default 200 */
  readonly status?: number
  readonly body: string | Readable
}

/** A route for `GET`, and for `HEAD` as the framework derives it. It may throw, reject, or never answer. */
export interface AdapterRoute {
  readonly path: string
  readonly answer: (exchange: Exchange) => AdapterAnswer | Promise<AdapterAnswer>
}

/** Middleware and routes in a nested router, below a path. */
export interface NestedRouter {
  readonly path: string
  readonly canaries: readonly MountedCanary[]
  readonly routes: readonly AdapterRoute[]
}

/** `canaryRoutes(canary, options)`, to be mounted below a path. */
export interface MountedRoutes {
  readonly path: string
  readonly canary: Canary | readonly Canary[]
  readonly options?: CanaryRoutesOptions<AnyRequest>
}

/** The app that a rule needs: middleware in this order, then routes. */
export interface AdapterSetup {
  readonly canaries: readonly MountedCanary[]
  readonly routes: readonly AdapterRoute[]
  readonly nested: readonly NestedRouter[]
  readonly operated: readonly MountedRoutes[]
  /** To be called by the framework's error handler or hook, which then answers as it does by default. */
  readonly onError: (error: unknown) => void
}

/** The app, built and not yet listening. */
export interface AdapterHarness {
  readonly server: Server
  /** Closes the framework's resources besides the server. */
  readonly close?: () => Promise<void>
}

/** Builds an app of the framework under test, with the adapter under test. */
export type MountAdapter = (setup: AdapterSetup) => AdapterHarness | Promise<AdapterHarness>

/** A small service in its own process. It prints `listening <port>`, and closes when its input ends. */
export interface AdapterService {
  readonly script: string | URL
  readonly args?: readonly string[]
  /** How long it may take to start, to answer and to end, each, in milliseconds. @default 20_000 */
  readonly patienceMs?: number
}
