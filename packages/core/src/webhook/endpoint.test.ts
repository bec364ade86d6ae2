import { describe, expect, it } from 'vitest'
import { CanaryError } from '../foundation/errors.js'
import { systemClock } from '../runtime/clock.js'
import { type EndpointOptions, resolveEndpoint } from './endpoint.js'

const url = 'https://hooks.example/services/T0/B0/pass-word'
const resolve = (given: object = {}) => resolveEndpoint('webhook', { url, ...given } as EndpointOptions)

/** The refusal of these options. */
function refusalOf(given: object): CanaryError {
  try {
    resolve(given)
  } catch (error) {
    if (error instanceof CanaryError) return error
  }
  throw new Error('expected a refusal')
}

describe('an endpoint', () => {
  it('has every field, and is shown without its path', () => {
    expect(resolve()).toEqual({
      url,
      shownAs: 'https://hooks.example',
      key: null,
      headers: [],
      timeoutMs: 5_000,
      clock: systemClock,
    })
  })

  it('accepts a URL, headers and a secret', () => {
    const headers = { authorization: 'Bearer abc' }
    expect(resolve({ url: new URL(url), headers, secret: 'sixteen characters' })).toMatchObject({
      url,
      headers: [['authorization', 'Bearer abc']],
      key: Buffer.from('sixteen characters'),
    })
  })

  it.each([
    ['no address', { url: undefined }],
    ['a relative address', { url: '/hook' }],
    ['an address that is no web address', { url: 'file:///etc/passwd' }],
    ['credentials in the address', { url: 'https://ada:pass-word@hooks.example' }],
    ['a user in the address', { url: 'https://pass-word@hooks.example' }],
    ['a secret that was not set', { secret: undefined }],
    ['a short secret', { secret: 'pass-word' }],
    ['a time of NaN', { timeoutMs: Number.NaN }],
    ['no time', { timeoutMs: 0 }],
    ['half a clock', { clock: { now: Date.now } }],
    ['headers in a list', { headers: [['x-a', 'pass-word']] }],
    ['headers of fetch, which have no members', { headers: new Headers({ 'x-a': 'pass-word' }) }],
    ['a header with a space', { headers: { 'x a': 'pass-word' } }],
    ['a header without a name', { headers: { '': 'pass-word' } }],
    ['a header of two lines', { headers: { 'x-a': 'pass-word\r\nx-b: 1' } }],
    ['a header beyond Latin-1', { headers: { 'x-a': 'pass-word 🚀' } }],
    ['a header that is no string', { headers: { 'x-a': undefined } }],
    ['a signature of one’s own', { headers: { 'Webhook-Signature': 'pass-word' } }],
    ['a content type of one’s own', { headers: { 'content-type': 'text/plain' } }],
  ])('refuses %s, and does not show secrets', (_what, given) => {
    const refusal = refusalOf(given)
    expect(refusal.code).toBe('INVALID_OPTION')
    expect([refusal.message, refusal.cause]).toEqual([expect.not.stringContaining('pass-word'), undefined])
  })
})
