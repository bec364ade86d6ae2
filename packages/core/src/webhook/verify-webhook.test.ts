import { describe, expect, it } from 'vitest'
import { verifyWebhook } from './verify-webhook.js'

// The reference vector of Standard Webhooks.
const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const body = '{"test": 2432232314}'
const at = 1614265330
const signature = 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='
const headers = {
  'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
  'webhook-timestamp': String(at),
  'webhook-signature': signature,
}
const verify = (given: object = {}) => verifyWebhook({ headers, body, secret, now: at * 1_000, ...given })

describe('a request is accepted', () => {
  it.each([
    ['of node:http', headers],
    ['of fetch', new Headers(headers)],
    [
      'of a proxy that spells names its own way',
      Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toUpperCase(), [value]])),
    ],
  ])('with headers %s', (_whose, given) => {
    expect(verify({ headers: given })).toBe(true)
  })

  it('with a body of bytes', () => {
    expect(verify({ body: new TextEncoder().encode(body) })).toBe(true)
  })

  it('signed with several secrets, including ours', () => {
    const other = 'v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc='
    expect(verify({ headers: { ...headers, 'webhook-signature': `${other} v1a,x ${signature}` } })).toBe(true)
  })

  it.each([-300_000, 300_000])('up to five minutes away from now: %i ms', (awayMs) => {
    expect(verify({ now: at * 1_000 + awayMs })).toBe(true)
  })
})

describe('a request is refused', () => {
  it.each([
    ['with another body', { body: '{"test": 2432232315}' }],
    ['with a parsed body', { body: { test: 2432232314 } }],
    ['with another secret', { secret: 'another secret of ours' }],
    ['with the secret not decoded', { secret: 'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' }],
    ['from the past', { now: at * 1_000 + 300_001 }],
    ['from the future', { now: at * 1_000 - 300_001 }],
    ['outside a tolerance of one’s own', { now: at * 1_000 + 2, toleranceMs: 1 }],
    ['of another id', { headers: { ...headers, 'webhook-id': 'msg_2' } }],
    ['of another time', { headers: { ...headers, 'webhook-timestamp': String(at + 1) } }],
    ['with a time that is none', { headers: { ...headers, 'webhook-timestamp': 'NaN' } }],
    ['without an id', { headers: { ...headers, 'webhook-id': undefined } }],
    ['without a time', { headers: { ...headers, 'webhook-timestamp': '' } }],
    ['without a signature', { headers: { ...headers, 'webhook-signature': undefined } }],
    ['with a part of the signature', { headers: { ...headers, 'webhook-signature': signature.slice(0, 20) } }],
    ['with no more than the version', { headers: { ...headers, 'webhook-signature': 'v1,' } }],
    ['with a header that is there twice', { headers: { ...headers, 'webhook-id': [headers['webhook-id'], 'msg_2'] } }],
    ['with a header in two spellings', { headers: { ...headers, 'Webhook-Id': 'msg_2' } }],
    [
      'with its signature behind more than a few others',
      { headers: { ...headers, 'webhook-signature': `${'v1,x '.repeat(8)}${signature}` } },
    ],
    ['without headers', { headers: null }],
  ])('%s', (_what, given) => {
    expect(verify(given)).toBe(false)
  })
})

describe('an invalid option of the receiver throws', () => {
  it.each([
    ['a secret that is not there', { secret: undefined }, 'INVALID_OPTION'],
    ['a tolerance of NaN', { toleranceMs: Number.NaN }, 'INVALID_OPTION'],
    ['a time of NaN', { now: Number.NaN }, 'INVALID_OPTION'],
    ['an option that nobody reads', { tolerance: 1 }, 'UNKNOWN_OPTION'],
  ])('%s', (_what, given, code) => {
    expect(() => verify(given)).toThrowError(expect.objectContaining({ code }))
  })

  it('and says that a missing secret is that of the sender', () => {
    expect(() => verify({ secret: undefined })).toThrowError(/pass the one that the sender signs with$/)
  })
})
