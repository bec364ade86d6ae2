import { createHash } from 'node:crypto'
import { CanaryError } from '../foundation/errors.js'
import { oneOf, optionalFunction, refuseUnknown, show, wholeNumber } from '../foundation/options.js'
import type { WebhookFormat } from './encode.js'
import { ENDPOINT_OPTIONS, type Endpoint, type EndpointOptions, resolveEndpoint } from './endpoint.js'
import { WEBHOOK_EVENTS, type WebhookEvent } from './message.js'

/** Where messages go, which, in which form, and how hard it is tried. */
export interface WebhookOptions extends EndpointOptions {
  /** What is sent. @default ['step', 'promoted', 'rolled-back', 'alert'] */
  readonly events?: readonly WebhookEvent[]
  /** Sends decisions to hold as well, where `decision` is among the events: one at every look, or every 15 s. @default false */
  readonly holds?: boolean
  /** The message as JSON, what an incoming webhook of Slack takes, or what your function makes of it at once. @default 'json' */
  readonly format?: WebhookFormat
  /** Further tries after the first, where one may help: no answer, 408, 425, 429, 5xx. @default 5 */
  readonly retries?: number
  /** How many messages may wait. When it is full, the oldest goes that tells of no end of a rollout. @default 100 */
  readonly queueSize?: number
  /** The chance in the pauses between tries: a uniform number from 0 up to, not including, 1. @default Math.random */
  readonly random?: () => number
}

/** The options with every field present. */
export interface ResolvedWebhook {
  /** Tells this receiver from another one, in every process, and shows nothing of its address. */
  readonly key: string
  readonly endpoint: Endpoint
  readonly events: readonly WebhookEvent[]
  readonly holds: boolean
  readonly format: WebhookFormat
  readonly retries: number
  readonly queueSize: number
  readonly random: () => number
}

/** Past this line every option is present and valid. */
export function resolveWebhook(options: WebhookOptions): ResolvedWebhook {
  const own = { events: 1, holds: 1, format: 1, retries: 1, queueSize: 1, random: 1 } as const
  refuseUnknown('webhook', options, { ...ENDPOINT_OPTIONS, ...own })
  const { format = 'json', holds = false } = options
  if (typeof holds !== 'boolean') throw new CanaryError('INVALID_OPTION', `webhook: holds must be true or false`)
  const endpoint = resolveEndpoint('webhook', options)
  return {
    key: createHash('sha256')
      .update(`${typeof format === 'function' ? 'own' : format} ${endpoint.url}`)
      .digest('hex')
      .slice(0, 16),
    endpoint,
    events: resolveEvents(options.events),
    holds,
    format: typeof format === 'function' ? format : oneOf('webhook: format', format, ['json', 'slack']),
    retries: wholeNumber('webhook: retries', options.retries ?? 5, 0, 100),
    queueSize: wholeNumber('webhook: queueSize', options.queueSize ?? 100, 1, 100_000),
    random: optionalFunction('webhook: random', options.random) ?? Math.random,
  }
}

function resolveEvents(
  events: readonly WebhookEvent[] = ['step', 'promoted', 'rolled-back', 'alert'],
): readonly WebhookEvent[] {
  if (!Array.isArray(events) || events.length === 0) {
    const advice = `name at least one of ${WEBHOOK_EVENTS.join(', ')}`
    throw new CanaryError('INVALID_OPTION', `webhook: events is ${show(events)}; ${advice}`)
  }
  return [...new Set(events.map((event) => oneOf('webhook: events', event, WEBHOOK_EVENTS)))]
}
