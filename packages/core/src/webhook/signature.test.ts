import { describe, expect, it } from 'vitest'
import { signatureOf, signingKey } from './signature.js'

const REFERENCE = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'

describe('a signature', () => {
  it('equals that of the reference implementations of Standard Webhooks', () => {
    const key = signingKey('secret', REFERENCE)
    const signed = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', timestamp: 1614265330, body: '{"test": 2432232314}' }
    expect(signatureOf(key, signed)).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=')
    expect(signatureOf(key, { ...signed, body: Buffer.from(signed.body) })).toBe(signatureOf(key, signed))
  })

  it('encodes a body as UTF-8', () => {
    // printf 'msg_1.1.{"a":"ü"}' | openssl dgst -sha256 -hmac 'sixteen characters' -binary | base64
    const key = signingKey('secret', 'sixteen characters')
    expect(signatureOf(key, { id: 'msg_1', timestamp: 1, body: '{"a":"ü"}' })).toBe(
      'v1,Fmwzvol+SuQjsROqkPtkiwBt2EnOW1FrYIpgGFbqsEA=',
    )
  })
})

describe('a secret', () => {
  it('is decoded as base64 after whsec_, and otherwise used as it is', () => {
    expect(signingKey('secret', REFERENCE).toString('hex')).toBe('31f290f6bf06298aab4f08d43c3f082cf648a362da2da4b0')
    expect(signingKey('secret', 'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw').toString()).toBe('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw')
  })

  it.each([
    ['is no string', 1234567890123456],
    ['is not there', undefined],
    ['is short', 'fifteen letters'],
    ['is no base64 after whsec_', 'whsec_not*base64*at*all*but*long*enough'],
    ['is short after whsec_', 'whsec_c2hvcnQgc2VjcmV0'],
  ])('is refused if it %s', (_what, secret) => {
    expect(() => signingKey('secret', secret)).toThrowError(expect.objectContaining({ code: 'INVALID_OPTION' }))
  })

  it.each(['fifteen letters', 'whsec_c2hvcnQgc2VjcmV0'])('is not shown in the error', (secret) => {
    expect(() => signingKey('secret', secret)).not.toThrowError(new RegExp(secret.replace('whsec_', '')))
    expect(() => signingKey('secret', secret)).toThrowError(/secret/)
  })
})
