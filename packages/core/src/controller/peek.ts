import { CanaryError } from '../foundation/errors.js'
import { messageOf } from '../foundation/message-of.js'
import type { Counts } from '../rollout/counts.js'
import type { MetricsSource, SourceWindow } from '../rollout/ports.js'
import { flawOfReading } from '../rollout/reading-flaw.js'

/**
 * Returns the counts that a source has at hand; `undefined` if it has none. If the source throws or answers in a wrong
 * shape, `onFailure` gets a `SOURCE_FAILED`. Never throws.
 */
export function peekAt(
  source: MetricsSource,
  window: SourceWindow,
  onFailure: (error: CanaryError) => void,
): Counts | undefined {
  try {
    const answer = source.peek?.(window)
    const flaw = answer && flawOfReading(answer)
    if (flaw === undefined) return answer === 'no-data' ? undefined : answer
    onFailure(new CanaryError('SOURCE_FAILED', flaw))
  } catch (cause) {
    onFailure(new CanaryError('SOURCE_FAILED', messageOf(cause), { cause }))
  }
  return undefined
}
