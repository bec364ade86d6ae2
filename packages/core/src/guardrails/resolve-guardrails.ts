import { CanaryError } from '../foundation/errors.js'
import { oneOf } from '../foundation/options.js'
import { wrongForm } from '../foundation/right-form.js'
import type { Guardrail } from './guardrail.js'
import { KINDS } from './kinds.js'

/**
 * Returns the guardrails of a rollout, checked one by one and against each other.
 *
 * The list may have guardrails and plain data of the same shape, such as a parsed JSON file: each entry goes through
 * the maker of its kind, so there is one set of defaults and one validation. Throws `NO_GUARDRAILS`,
 * `DUPLICATE_GUARDRAIL`, `INVALID_OPTION` and the errors of the makers.
 */
export function resolveGuardrails(list: unknown): readonly Guardrail[] {
  if (!Array.isArray(list)) throw wrongForm('guardrails must be an array', 'guardrails: [errorRate()]', list)
  if (list.length === 0) throw new CanaryError('NO_GUARDRAILS', 'pass at least one, such as errorRate()')
  const guardrails = Array.from(list, resolveOne)
  refuseDuplicates(guardrails)
  return Object.freeze(guardrails)
}

function resolveOne(entry: unknown, index: number): Guardrail {
  if (typeof entry !== 'object' || entry === null) {
    throw wrongForm(`guardrails[${index}] must be a guardrail`, 'guardrails: [errorRate()]', entry)
  }
  const { kind, ...options } = entry as { readonly kind?: unknown }
  const kinds = Object.keys(KINDS) as readonly Guardrail['kind'][]
  return KINDS[oneOf(`guardrails[${index}].kind`, kind, kinds)].make(options as never)
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
