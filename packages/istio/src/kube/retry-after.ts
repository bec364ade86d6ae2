/** The longest that a server's wish to be left alone is honoured, in milliseconds. */
export const LONGEST_RETRY_AFTER_MS = 30_000

/**
 * Tells how long a `Retry-After` asks to wait, in milliseconds: at most 30 seconds.
 * Takes seconds or a date (RFC 9110, 10.2.3); anything else is `undefined`.
 */
export function retryAfterMsOf(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined) return undefined
  const waitMs = /^\d+$/.test(header.trim()) ? Number(header) * 1_000 : Date.parse(header) - nowMs
  return Number.isNaN(waitMs) ? undefined : Math.min(Math.max(waitMs, 0), LONGEST_RETRY_AFTER_MS)
}
