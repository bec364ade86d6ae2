import { CanaryError } from '@model-canary/core'
import { messageOf } from '@model-canary/foundation'
import { type Ask, inWords } from './ask.js'
import type { Failure } from './failure.js'

/** Explanations of TLS errors by the code of Node's error. Retrying does not help with any of them. */
const TLS_FAULTS: ReadonlyMap<string, string> = new Map([
  ['CERT_HAS_EXPIRED', 'the certificate of the server, or of its authority, has expired; renew it'],
  ['CERT_NOT_YET_VALID', "the server's certificate is not valid yet; check the clocks"],
  ['CERT_REVOKED', "the server's certificate was revoked; renew it"],
  ['CERT_SIGNATURE_FAILURE', "the server's certificate is not signed by the trusted authority; check the ca"],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', "the server's certificate is signed by an unknown authority; check the ca"],
  ['SELF_SIGNED_CERT_IN_CHAIN', "the server's certificate is signed by an unknown authority; check the ca"],
  ['UNABLE_TO_GET_ISSUER_CERT', "the server's certificate is signed by an unknown authority; check the ca"],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', "the server's certificate is signed by an unknown authority; check the ca"],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', "the server's certificate is signed by an unknown authority; check the ca"],
  ['INVALID_CA', "the server's certificate is signed by a certificate that is not an authority; check the ca"],
  ['ERR_TLS_CERT_ALTNAME_INVALID', "the server's certificate is for another host name; check the server or serverName"],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'the server does not speak TLS there; check the port, and http: or https:'],
  ['ERR_SSL_PACKET_LENGTH_TOO_LONG', 'the server does not speak TLS there; check the port, and http: or https:'],
])

/** The codes of errors that occur before any byte has reached the server. */
const NOT_CONNECTED: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
])

/** Turns a network or TLS error into a failure. A TLS error of {@link TLS_FAULTS} is permanent. */
export function networkFailure(ask: Ask, origin: string, cause: unknown): Failure {
  const code = codeOf(cause)
  const fault = TLS_FAULTS.get(code) ?? clientCertificateFault(code)
  const reason = fault ?? messageOf(cause)
  const suffix = code === '' || reason.includes(code) ? '' : ` (${code})`
  const message = `${inWords(ask)}: ${origin} cannot be reached: ${reason}${suffix}`
  return {
    error: new CanaryError('KUBE_UNREACHABLE', message, { cause }),
    mayPass: fault === undefined,
    isUntouched: fault !== undefined || NOT_CONNECTED.has(code),
  }
}

/** Explains a TLS alert about a missing or rejected client certificate; `undefined` for other codes. */
function clientCertificateFault(code: string): string | undefined {
  if (!/^ERR_SSL_\w*ALERT_\w*(CERTIFICATE|UNKNOWN_CA|ACCESS_DENIED|HANDSHAKE_FAILURE)/.test(code)) return undefined
  return 'the server requires a client certificate, or rejected this one; check cert and key'
}

/** Returns the code of an error. For `EPROTO` it is derived from OpenSSL's text, which is more specific. */
function codeOf(cause: unknown): string {
  if (!(cause instanceof Error) || !('code' in cause) || typeof cause.code !== 'string') return ''
  const [, reason] = cause.code === 'EPROTO' ? (/:SSL routines:[^:]*:([^:]+)/.exec(cause.message) ?? []) : []
  return reason === undefined ? cause.code : `ERR_SSL_${reason.toUpperCase().replaceAll(' ', '_')}`
}
