import type { BackOff } from '@model-canary/foundation'

/** The pauses between the attempts of one call; short, because a caller waits. */
export const CALL_BACKOFF: BackOff = { firstMs: 200, longestMs: 5_000 }

/** The pauses between the connections of a watch, which retries without limit. */
export const WATCH_BACKOFF: BackOff = { firstMs: 200, longestMs: 30_000 }

/** The longest `Retry-After` that is honoured, in milliseconds. */
export const LONGEST_RETRY_AFTER_MS = 30_000
