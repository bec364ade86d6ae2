import { firstLineOf } from '../foundation/message-of.js'
import { type ModelError, type ModelErrors, VARIANTS, type Variant } from '../foundation/vocabulary.js'
import type { Clock } from '../runtime/clock.js'

/** Keeps the errors of the models, bounded in number and length. */
export interface ModelErrorLog {
  /** Notes an error of a version. Never throws. */
  note(variant: Variant, error: unknown): void
  read(): ModelErrors
}

/** What a log needs. */
export interface ModelErrorLogOptions {
  readonly clock: Clock
  /** Called with an error at most once a second and version. */
  readonly onError: (variant: Variant, error: ModelError) => void
}

/** How many distinct messages of a version are kept, and how long each may be. */
const MOST_MESSAGES = 5
const LONGEST_MESSAGE = 200

/** The least time between two calls of `onError` for one version, in milliseconds. */
const QUIET_MS = 1_000

/** Makes an empty log. Of more messages than are kept, the one that came longest ago is forgotten. */
export function createModelErrorLog({ clock, onError }: ModelErrorLogOptions): ModelErrorLog {
  const logs = { baseline: new Map<string, ModelError>(), canary: new Map<string, ModelError>() }
  const saidAt = { baseline: Number.NEGATIVE_INFINITY, canary: Number.NEGATIVE_INFINITY }

  return {
    note(variant, error) {
      const log = logs[variant]
      const message = firstLineOf(error).slice(0, LONGEST_MESSAGE)
      const noted: ModelError = { message, count: (log.get(message)?.count ?? 0) + 1, lastAt: clock.now() }
      log.delete(message) // the order of a map is that of insertion: the latest is last
      log.set(message, noted)
      if (log.size > MOST_MESSAGES) log.delete(log.keys().next().value!)
      const at = clock.elapsed()
      if (at - saidAt[variant] < QUIET_MS) return
      saidAt[variant] = at
      onError(variant, noted)
    },
    read: () => {
      const [baseline, canary] = VARIANTS.map((variant) => [...logs[variant].values()].reverse())
      return { baseline: baseline!, canary: canary! }
    },
  }
}
