import type { KubeCredentials } from './credentials.js'
import { isRecord, parseJson } from './json-record.js'

/** What a plugin gave, and until when it holds. */
export interface ExecCredential {
  readonly credentials: KubeCredentials
  /** Wall time in milliseconds since 1970; `Infinity` where it holds until it is refused. */
  readonly expiresAt: number
}

/** Reads what a plugin wrote, or says what is wrong with it without showing it: it holds a token. */
export function readExecCredential(text: string, apiVersion: string): ExecCredential | string {
  const answer = parseJson(text)
  if (!isRecord(answer)) return 'it wrote no JSON object'
  if (answer.kind !== 'ExecCredential') return 'it wrote no ExecCredential'
  if (answer.apiVersion !== apiVersion) return `it answered in another apiVersion than ${apiVersion}`
  if (!isRecord(answer.status)) return 'its answer has no status'
  const { token, clientCertificateData: cert, clientKeyData: key, expirationTimestamp } = answer.status
  if (!isOptionalText(token) || !isOptionalText(cert) || !isOptionalText(key)) {
    return 'its token, clientCertificateData and clientKeyData must be strings'
  }
  if (!cert !== !key) return 'its clientCertificateData and clientKeyData go together'
  if (!token && !cert) return 'it gave neither a token nor a certificate'
  const expiresAt = expiryOf(expirationTimestamp)
  if (Number.isNaN(expiresAt)) return 'its expirationTimestamp is no date'
  return { credentials: { token: token || undefined, cert: cert || undefined, key: key || undefined }, expiresAt }
}

function isOptionalText(value: unknown): value is string | null | undefined {
  return value === undefined || value === null || typeof value === 'string'
}

function expiryOf(timestamp: unknown): number {
  if (timestamp === undefined || timestamp === null || timestamp === '') return Number.POSITIVE_INFINITY
  return typeof timestamp === 'string' ? Date.parse(timestamp) : Number.NaN
}
