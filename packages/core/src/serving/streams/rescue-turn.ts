import type { Rescue } from './rescued-pull.js'

/** The rescue of a stream that a model may return more than once. */
export interface RescueTurn {
  /** Records that the stream was returned once more. */
  give(rescue: Rescue): void
  /** Records that a reader starts; returns the rescue of this reading. */
  take(): Rescue
  /** The rescue of a stream that is read only once; taken when its reading starts. */
  readonly once: Rescue
}

/**
 * Creates the turns of one stream. Each reading uses the rescue of the latest call that returned the stream. If two
 * calls returned it before it was read, its reader is ambiguous. The answer to one caller's input must not go to
 * another caller, so such a stream fails as it would without a fallback.
 */
export function createRescueTurn(rescue: Rescue): RescueTurn {
  let given = rescue
  let isRead = false
  let isShared = false
  let taken: Rescue | undefined

  const take = (): Rescue => {
    isRead = true
    if (!isShared) return given
    const { impossible } = given
    const otherwise = (error: unknown): never => {
      impossible('the stream of the canary was returned to several callers before it was read')
      throw error
    }
    return { ...given, otherwise }
  }
  const own = (): Rescue => {
    taken ??= take()
    return taken
  }

  return {
    give(next) {
      if (!isRead) isShared = true
      given = next
      isRead = false
    },
    take,
    once: {
      limited: (first, expired) => own().limited(first, expired),
      expired: (error) => own().expired(error),
      otherwise: (error) => own().otherwise(error),
      impossible: (why) => own().impossible(why),
      left: (reason) => own().left(reason),
    },
  }
}
