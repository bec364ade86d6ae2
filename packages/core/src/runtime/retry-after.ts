/**
 * Returns how long a `Retry-After` header asks to wait, in milliseconds from `nowMs`, at most `longestMs`. `undefined`
 * if the header is missing or invalid. Accepts seconds or a date (RFC 9110, 10.2.3).
 */
export function retryAfterMsOf(
  header: string | null | undefined,
  nowMs: number,
  longestMs: number,
): number | undefined {
  if (typeof header !== 'string' || header.length > 64) return undefined
  const waitMs = /^\d+$/.test(header.trim()) ? Number(header) * 1_000 : Date.parse(header) - nowMs
  return Number.isNaN(waitMs) ? undefined : Math.min(Math.max(waitMs, 0), longestMs)
}
