// For services that receive webhooks: the check of a request, and the types of its message. Every export is named here.

// webhooks

export type { MessageStatus, WebhookData, WebhookEvent, WebhookMessage, WebhookMessageOf } from './webhook/message.js'
export { type VerifyWebhookOptions, verifyWebhook, type WebhookHeaders } from './webhook/verify-webhook.js'
