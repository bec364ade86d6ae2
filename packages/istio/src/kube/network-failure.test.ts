import { describe, expect, it } from 'vitest'
import { askObject } from './ask.js'
import { networkFailure } from './network-failure.js'
import { ADDRESS } from './server.fixture.js'

const failureOf = (code: string, message = 'it went wrong') =>
  networkFailure(askObject(ADDRESS), 'https://cluster', Object.assign(new Error(message), { code }))

describe('networkFailure', () => {
  it.each(['ECONNRESET', 'ETIMEDOUT', 'EPIPE'])('may pass after %s, and the server may have done it', (code) => {
    expect(failureOf(code)).toMatchObject({ mayPass: true, isUntouched: false })
  })

  it.each(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN'])('may pass after %s, and the server has done nothing', (code) => {
    expect(failureOf(code)).toMatchObject({ mayPass: true, isUntouched: true })
  })

  it.each([
    ['CERT_HAS_EXPIRED', 'has expired'],
    ['CERT_NOT_YET_VALID', 'check the clocks'],
    ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'unknown authority'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'another host name'],
    ['ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE', 'requires a client certificate'],
    ['ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', 'requires a client certificate'],
  ])('does not pass after %s', (code, words) => {
    const { error, mayPass } = failureOf(code)
    expect(error).toMatchObject({ code: 'KUBE_UNREACHABLE', message: expect.stringContaining(words) })
    expect(mayPass).toBe(false)
  })

  it('quotes OpenSSL’s message if the code is unknown', () => {
    const alert =
      'write EPROTO 80C:error:0A00045C:SSL routines:ssl3_read_bytes:tlsv13 alert certificate required:a.c:1:'
    expect(failureOf('EPROTO', alert).error.message).toContain('ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED')
    expect(failureOf('EPROTO', alert).mayPass).toBe(false)
    expect(failureOf('EPROTO').mayPass).toBe(true)
  })

  it('accepts anything that can be thrown', () => {
    expect(networkFailure(askObject(ADDRESS), 'https://cluster', 'a string').error.message).toContain('a string')
  })
})
