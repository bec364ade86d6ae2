import { CanaryError } from '@model-canary/core'
import { show } from '@model-canary/foundation'

/** A matcher of one label, such as `['version', '=', 'v2']`. */
export type Matcher = readonly [label: string, operator: '=' | '!=' | '=~' | '!~', value: string]

/**
 * A selector of raw series, with every value quoted.
 *
 * @throws `INVALID_OPTION` for what is no name of a label, and for an empty value: it would match series without the label
 */
export function selector(name: string, matchers: readonly Matcher[]): string {
  for (const [label, , value] of matchers) {
    if (!/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(label)) {
      throw new CanaryError('INVALID_OPTION', `${show(label)} is no name of a label in Prometheus`)
    }
    if (typeof value !== 'string' || value === '') {
      throw new CanaryError('INVALID_OPTION', `the label ${label} needs a text to be compared with, got ${show(value)}`)
    }
  }
  return `${name}{${matchers.map(([label, operator, value]) => `${label}${operator}${quoted(value)}`).join(',')}}`
}

/** A text from outside as PromQL writes it: nothing in it can end the quotes. */
function quoted(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`
}
