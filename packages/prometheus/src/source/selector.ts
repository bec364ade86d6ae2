import { CanaryError } from '@model-canary/core'
import { show } from '@model-canary/foundation'

/** A matcher of one label, such as `['version', '=', 'v2']`. */
export type Matcher = readonly [label: string, operator: '=' | '!=' | '=~' | '!~', value: string]

/**
 * Returns a selector of raw series, with all values quoted.
 *
 * @throws `INVALID_OPTION` for an invalid label name, and for an empty value, which would match a missing label
 */
export function selector(name: string, matchers: readonly Matcher[]): string {
  for (const [label, , value] of matchers) {
    if (!/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(label)) {
      throw new CanaryError('INVALID_OPTION', `${show(label)} is not a valid label name in Prometheus`)
    }
    if (typeof value !== 'string' || value === '') {
      throw new CanaryError(
        'INVALID_OPTION',
        `the label ${label} needs a non-empty string to match, got ${show(value)}`,
      )
    }
  }
  return `${name}{${matchers.map(([label, operator, value]) => `${label}${operator}${quoted(value)}`).join(',')}}`
}

/** Quotes an external text for PromQL, so that it cannot end the quotes. */
function quoted(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`
}
