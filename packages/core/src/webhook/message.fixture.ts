import type { Decision } from '../rollout/decision.js'
import type { CanaryEvents } from '../runtime/events.js'
import type { MessageStatus, WebhookEvent, WebhookMessage } from './message.js'
import { toMessage } from './to-message.js'

/** The status of the rollout in these tests. */
export const status: MessageStatus = {
  name: 'sentiment',
  versions: { baseline: 'v1', canary: 'v2' },
  epoch: 3,
  state: 'progressing',
  weight: 25,
  step: 2,
}

/** Returns a decision to advance, with this many checks. */
export function decision(checks = 0): Decision {
  const check = { guardrail: 'errorRate', severity: 'rollback', outcome: 'held', reason: 'r'.repeat(1_000) } as never
  return {
    sequence: 7,
    at: Date.UTC(2026, 0, 2),
    action: 'advance',
    applied: true,
    reason: 'all 2 guardrails held',
    actor: 'judge',
    epoch: 3,
    step: 1,
    weight: 10,
    elapsedInStepMs: 60_000,
    requests: { baseline: 900, canary: 100 },
    now: { state: 'progressing', step: 2, weight: 25, waitingFor: 'time' },
    verdict: { kind: 'pass', epoch: 3, step: 1, checks: Array.from({ length: checks }, () => check) },
  }
}

/** Returns the message about an event of 2026-01-01, the first of its process. */
export function messageAbout<Type extends WebhookEvent>(
  type: Type,
  event: CanaryEvents[Type],
  given: { readonly status?: Partial<MessageStatus>; readonly toldAt?: number; readonly count?: number } = {},
): WebhookMessage {
  const { toldAt = Date.UTC(2026, 0, 1), count = 1 } = given
  return toMessage({ type, event, status: { ...status, ...given.status }, toldAt, count })
}
