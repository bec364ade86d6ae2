import type { BackOff } from '@model-canary/foundation'

/** Between the tries of one call: somebody waits for it. */
export const CALL_BACKOFF: BackOff = { firstMs: 200, longestMs: 5_000 }

/** Between the connections of a watch: nobody waits, and it never gives up. */
export const WATCH_BACKOFF: BackOff = { firstMs: 200, longestMs: 30_000 }

/** The longest that a server's wish to be left alone is honoured, in milliseconds. */
export const LONGEST_RETRY_AFTER_MS = 30_000
