import { CanaryError } from '../foundation/errors.js'
import { show } from '../foundation/options.js'

/** Headers that the sender sets itself, or that belong to the connection. */
const RESERVED: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'content-type',
  'expect',
  'host',
  'idempotency-key',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
  'user-agent',
  'webhook-id',
  'webhook-signature',
  'webhook-timestamp',
])

/** Checks that the headers can be sent as they are. Errors name the header and never show its value. */
export function resolveHeaders(where: string, headers: unknown): readonly (readonly [name: string, value: string])[] {
  if (typeof headers !== 'object' || headers === null || Array.isArray(headers)) {
    throw new CanaryError('INVALID_OPTION', `${where}: headers must be an object of strings, got ${show(headers)}`)
  }
  if (headers instanceof Headers) {
    throw new CanaryError(
      'INVALID_OPTION',
      `${where}: headers must be a plain object; pass Object.fromEntries(headers)`,
    )
  }
  return Object.entries(headers).map(([name, value]) => {
    const shown = `${where}: headers[${show(name)}]`
    if (!/^[\w!#$%&'*+.^`|~-]{1,256}$/.test(name)) {
      throw new CanaryError('INVALID_OPTION', `${shown} is not a valid header name`)
    }
    if (RESERVED.has(name.toLowerCase())) {
      throw new CanaryError('INVALID_OPTION', `${shown} is set by the library; leave it out`)
    }
    if (typeof value !== 'string' || !/^[\t\x20-\x7e\x80-\xff]{0,8192}$/.test(value)) {
      throw new CanaryError('INVALID_OPTION', `${shown} must be one line of Latin-1 text with at most 8192 characters`)
    }
    return [name, value] as const
  })
}
