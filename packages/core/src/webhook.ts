// For messages: webhooks, gates that ask one, and how a receiver verifies a message. Every export is named here.

// webhooks

export type { WebhookFormat } from './webhook/encode.js'
export type { EndpointOptions } from './webhook/endpoint.js'
export type { MessageStatus, WebhookData, WebhookEvent, WebhookMessage, WebhookMessageOf } from './webhook/message.js'
export { type VerifyWebhookOptions, verifyWebhook, type WebhookHeaders } from './webhook/verify-webhook.js'
export { type Webhook, type WebhookSource, webhook } from './webhook/webhook.js'
export { type WebhookGateOptions, webhookGate } from './webhook/webhook-gate.js'
export type { WebhookOptions } from './webhook/webhook-options.js'
