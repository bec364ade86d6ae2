import type { KubeCredentials } from './credentials.js'
import { isRecord, parseJson } from './json-record.js'

/** The credentials that a plugin returned, and when they expire. */
export interface ExecCredential {
  readonly credentials: KubeCredentials
  /** Wall time in milliseconds since 1970; `Infinity` if they are valid until the server rejects them. */
  readonly expiresAt: number
}

/** Reads a plugin's output, or returns what is wrong with it. The text never quotes the output, which holds a token. */
export function readExecCredential(text: string, apiVersion: string): ExecCredential | string {
  const answer = parseJson(text)
  if (!isRecord(answer)) return 'its output is not a JSON object'
  if (answer.kind !== 'ExecCredential') return 'its output is not an ExecCredential'
  if (answer.apiVersion !== apiVersion) return `its apiVersion is not ${apiVersion}`
  if (!isRecord(answer.status)) return 'its answer has no status'
  const { token, clientCertificateData: cert, clientKeyData: key, expirationTimestamp } = answer.status
  if (!isOptionalText(token) || !isOptionalText(cert) || !isOptionalText(key)) {
    return 'its token, clientCertificateData and clientKeyData must be strings'
  }
  if (!cert !== !key) return 'it must set both clientCertificateData and clientKeyData, or neither'
  if (!token && !cert) return 'it returned neither a token nor a certificate'
  const expiresAt = expiryOf(expirationTimestamp)
  if (Number.isNaN(expiresAt)) return 'its expirationTimestamp is not a date'
  return { credentials: { token: token || undefined, cert: cert || undefined, key: key || undefined }, expiresAt }
}

function isOptionalText(value: unknown): value is string | null | undefined {
  return value === undefined || value === null || typeof value === 'string'
}

function expiryOf(timestamp: unknown): number {
  if (timestamp === undefined || timestamp === null || timestamp === '') return Number.POSITIVE_INFINITY
  return typeof timestamp === 'string' ? Date.parse(timestamp) : Number.NaN
}
