import { CanaryError } from '../foundation/errors.js'
import { oneOf, show } from '../foundation/options.js'
import { abortRate } from './abort-rate.js'
import { errorRate } from './error-rate.js'
import type { Guardrail } from './guardrail.js'
import { latency } from './latency.js'
import { type MetricOptions, metric } from './metric.js'
import { predictionShift } from './prediction-shift.js'
import { rejectedRate } from './rejected-rate.js'
import { scoreShift } from './score-shift.js'
import { tailLatency } from './tail-latency.js'
import { timeoutRate } from './timeout-rate.js'
import { unansweredRate } from './unanswered-rate.js'

const MAKERS = {
  errorRate,
  timeoutRate,
  abortRate,
  rejectedRate,
  unansweredRate,
  latency,
  tailLatency,
  predictionShift,
  scoreShift,
  metric: ({ metric: name, ...options }: MetricOptions & { metric: string }) => metric(name, options),
} satisfies { readonly [Kind in Guardrail['kind']]: (options: never) => Guardrail }

const KINDS = /* @__PURE__ */ Object.keys(MAKERS) as readonly Guardrail['kind'][]

/**
 * The guardrails of a rollout, checked one by one and against each other.
 *
 * Takes what the makers return and plain data of the same shape, such as a parsed JSON file: each
 * entry goes through the maker of its kind, so there is one set of defaults and one validation.
 * Throws `NO_GUARDRAILS`, `DUPLICATE_GUARDRAIL`, `INVALID_OPTION` and whatever the maker throws.
 */
export function resolveGuardrails(list: unknown): readonly Guardrail[] {
  if (!Array.isArray(list)) {
    throw new CanaryError('INVALID_OPTION', `guardrails must be an array, got ${show(list)}`)
  }
  if (list.length === 0) throw new CanaryError('NO_GUARDRAILS', 'pass at least one, such as errorRate()')
  const guardrails = Array.from(list, resolveOne)
  refuseDuplicates(guardrails)
  return Object.freeze(guardrails)
}

function resolveOne(entry: unknown, index: number): Guardrail {
  if (typeof entry !== 'object' || entry === null) {
    throw new CanaryError('INVALID_OPTION', `guardrails[${index}] must be a guardrail, got ${show(entry)}`)
  }
  const { kind, ...options } = entry as { readonly kind?: unknown }
  return MAKERS[oneOf(`guardrails[${index}].kind`, kind, KINDS)](options as never)
}

function refuseDuplicates(guardrails: readonly Guardrail[]): void {
  const seen = new Set<string>()
  for (const { name } of guardrails) {
    if (seen.has(name)) {
      throw new CanaryError('DUPLICATE_GUARDRAIL', `"${name}" is there twice; give one of them another name`)
    }
    seen.add(name)
  }
}
