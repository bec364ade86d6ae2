// For apps that send their events to other services: webhooks, and gates that ask a service. Every export is named here.

// webhooks

export type { WebhookFormat } from './webhook/encode.js'
export type { EndpointOptions } from './webhook/endpoint.js'
export type { MessageStatus, WebhookData, WebhookEvent, WebhookMessage, WebhookMessageOf } from './webhook/message.js'
export { type Webhook, webhook } from './webhook/webhook.js'
export { type WebhookGateOptions, webhookGate } from './webhook/webhook-gate.js'
export type { WebhookOptions } from './webhook/webhook-options.js'
export type { WebhookSource } from './webhook/webhook-source.js'
