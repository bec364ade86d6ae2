import { firstLineOf } from '../foundation/message-of.js'
import { type ModelError, type ModelErrors, VARIANTS, type Variant } from '../foundation/vocabulary.js'
import type { Clock } from '../runtime/clock.js'

/** A log of the models' errors, bounded in number and length. */
export interface ModelErrorLog {
  /** Adds an error of a version. Never throws. */
  note(variant: Variant, error: unknown): void
  /** Removes the errors of a version, because a rollout of it begins. */
  forget(variant: Variant): void
  read(): ModelErrors
}

/** Options of a log. */
export interface ModelErrorLogOptions {
  readonly clock: Clock
  /** Called with an error, at most once per second and version. */
  readonly onError: (variant: Variant, error: ModelError) => void
}

/** The maximum number of distinct messages of a version, and the maximum length of each. */
const MOST_MESSAGES = 5
const LONGEST_MESSAGE = 200

/** The shortest time between two calls of `onError` for one version, in milliseconds. */
const QUIET_MS = 1_000

/** Creates an empty log. When it is full, the least recent message is removed. */
export function createModelErrorLog({ clock, onError }: ModelErrorLogOptions): ModelErrorLog {
  const logs = { baseline: new Map<string, ModelError>(), canary: new Map<string, ModelError>() }
  const saidAt = { baseline: Number.NEGATIVE_INFINITY, canary: Number.NEGATIVE_INFINITY }

  return {
    note(variant, error) {
      const log = logs[variant]
      const message = firstLineOf(error).slice(0, LONGEST_MESSAGE)
      const noted: ModelError = { message, count: (log.get(message)?.count ?? 0) + 1, lastAt: clock.now() }
      log.delete(message) // a map keeps the order of insertion: the latest message is last
      log.set(message, noted)
      if (log.size > MOST_MESSAGES) log.delete(log.keys().next().value!)
      const at = clock.elapsed()
      if (at - saidAt[variant] < QUIET_MS) return
      saidAt[variant] = at
      onError(variant, noted)
    },
    forget: (variant) => logs[variant].clear(),
    read: () => {
      const [baseline, canary] = VARIANTS.map((variant) => [...logs[variant].values()].reverse())
      return { baseline: baseline!, canary: canary! }
    },
  }
}
