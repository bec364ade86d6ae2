import type { Guardrail } from './guardrail.js'
import { errorRate } from './kinds/error-rate.js'
import { latency } from './kinds/latency.js'
import { rejectedRate } from './kinds/rejected-rate.js'
import { unansweredRate } from './kinds/unanswered-rate.js'

/**
 * The default guardrails: no more errors, no slower answers, and no more requests that are refused or get no answer.
 */
export const defaultGuardrails = (): readonly Guardrail[] => [errorRate(), latency(), unansweredRate(), rejectedRate()]
