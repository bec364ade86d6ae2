import { createHash } from 'node:crypto'
import { CanaryError } from '../foundation/errors.js'
import { type Defaults, oneOf, optionalFunction, refuseUnknown, show, wholeNumber } from '../foundation/options.js'
import type { WebhookFormat } from './encode.js'
import { ENDPOINT_OPTIONS, type Endpoint, type EndpointOptions, resolveEndpoint } from './endpoint.js'
import { WEBHOOK_EVENTS, type WebhookEvent } from './message.js'

/** Options of a webhook. */
export interface WebhookOptions extends EndpointOptions {
  /** The events to send. @default ['step', 'promoted', 'rolled-back', 'alert'] */
  readonly events?: readonly WebhookEvent[]
  /** Also sends decisions to hold, if `events` has `decision`: one at every look, or every 15 s. @default false */
  readonly holds?: boolean
  /** The body: the message as JSON, a Slack message, or what your synchronous function returns. @default 'json' */
  readonly format?: WebhookFormat
  /** Retries after no answer, 408, 425, 429 and 5xx. @default 5 */
  readonly retries?: number
  /** How many messages may wait. A full queue drops the oldest that is not about the end of a rollout. @default 100 */
  readonly queueSize?: number
  /** Returns a uniform number from 0 (inclusive) to 1 (exclusive), for jitter in pauses. @default Math.random */
  readonly random?: () => number
}

/** What an option is if it is not given. */
const WEBHOOK_DEFAULTS = {
  events: ['step', 'promoted', 'rolled-back', 'alert'],
  holds: false,
  format: 'json',
  retries: 5,
  queueSize: 100,
} as const satisfies Defaults<WebhookOptions>

/** Webhook options in which every field is present and valid. */
export interface ResolvedWebhook {
  /** Identifies this receiver in every process, without revealing its URL. */
  readonly key: string
  readonly endpoint: Endpoint
  readonly events: readonly WebhookEvent[]
  readonly holds: boolean
  readonly format: WebhookFormat
  readonly retries: number
  readonly queueSize: number
  readonly random: () => number
}

/** Checks the options of a webhook and fills in defaults. */
export function resolveWebhook(options: WebhookOptions): ResolvedWebhook {
  const own = { events: 1, holds: 1, format: 1, retries: 1, queueSize: 1, random: 1 } as const
  refuseUnknown('webhook', options, { ...ENDPOINT_OPTIONS, ...own })
  const { format = WEBHOOK_DEFAULTS.format, holds = WEBHOOK_DEFAULTS.holds } = options
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
    retries: wholeNumber('webhook: retries', options.retries ?? WEBHOOK_DEFAULTS.retries, 0, 100),
    queueSize: wholeNumber('webhook: queueSize', options.queueSize ?? WEBHOOK_DEFAULTS.queueSize, 1, 100_000),
    random: optionalFunction('webhook: random', options.random) ?? Math.random,
  }
}

function resolveEvents(events: readonly WebhookEvent[] = WEBHOOK_DEFAULTS.events): readonly WebhookEvent[] {
  if (!Array.isArray(events) || events.length === 0) {
    const advice = `name at least one of ${WEBHOOK_EVENTS.join(', ')}`
    throw new CanaryError('INVALID_OPTION', `webhook: events is ${show(events)}; ${advice}`)
  }
  return [...new Set(events.map((event) => oneOf('webhook: events', event, WEBHOOK_EVENTS)))]
}
