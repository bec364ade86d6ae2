import type { Server } from 'node:http'
import type { Http2SecureServer, Http2Server } from 'node:http2'
import type { Canary, ServingOptions } from '@model-canary/core'

/** How a struck call of the canary ends. */
export type Ending = 'throw' | '503' | '429' | '422' | 'hang' | 'slow' | 'break' | 'empty' | 'class' | 'score'

/** How a service answers: with a value, with a stream, or with the status and text of a `Response` of its model. */
export type Form = 'value' | 'stream' | 'status'

/** Who ends a request whose model hangs: a race in the handler, the framework, or the server by its sockets or streams. */
export type Limit = 'race' | 'framework' | 'server'

/** What a model returns. */
export type Output = string | Response | AsyncIterable<string>

/** A model: `call` is the number that the client gave its request. */
export type Model = (call: number) => Promise<Output> | AsyncIterable<string>

/** What a service is built from. */
export interface ServiceParts {
  readonly canary: Canary
  readonly models: { readonly baseline: Model; readonly canary: Model }
  readonly serving: ServingOptions<[number], Output>
  readonly form: Form
  readonly limit: Limit | undefined
  /** Calls a function when the time limit of the service has passed, in virtual time. */
  afterLimit(run: () => void): void
}

/** The real time limit of frameworks that keep time by themselves, in milliseconds. */
export const REAL_LIMIT_MS = 60

/** A service that listens. */
export interface HttpService {
  readonly server: Server | Http2Server | Http2SecureServer
  readonly close?: () => Promise<void>
}

/** Builds a service in a framework: `call` comes as the header `x-call`, the key as `x-user-id`. */
export type MountService = (parts: ServiceParts) => Promise<HttpService> | HttpService

/** Lets a server end a socket on the event `timeout`, if its time limit is played by that. Node's own never comes. */
export function endSockets({ limit }: Pick<ServiceParts, 'limit'>, server: Pick<Server, 'setTimeout'>): void {
  if (limit === 'server') server.setTimeout(3_600_000)
}

/** The headers of a request. */
export const callOf = (headers: Readonly<Record<string, string | readonly string[] | undefined>>): number =>
  Number(headers['x-call'])

/** The key of a request. */
export const keyOf = (headers: Readonly<Record<string, string | readonly string[] | undefined>>): string | undefined =>
  headers['x-user-id']?.toString()

/** The error with which a service answers after its own time limit. */
export const lateError = (): Error => Object.assign(new Error('too late'), { status: 503, statusCode: 503 })

/** Rejects when the time limit of the service has passed. */
export const late = ({ afterLimit }: Pick<ServiceParts, 'afterLimit'>): Promise<never> =>
  new Promise((_, reject) => afterLimit(() => reject(lateError())))

/** Runs a call, against the time limit of the handler if there is one. */
export const raced = <Answer>(parts: ServiceParts, running: Answer): Answer | Promise<Awaited<Answer>> =>
  parts.limit === 'race' ? Promise.race([running, late(parts)]) : running
