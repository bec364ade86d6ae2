import type { Rescue } from './rescued-pull.js'

/** The rescue of a stream that a model may give more than once. */
export interface RescueTurn {
  /** The stream is given once more. */
  give(rescue: Rescue): void
  /** Somebody begins to read: returns what is done if the reading fails. */
  take(): Rescue
  /** What is done about a stream that is read only once; taken when its reading begins. */
  readonly once: Rescue
}

/**
 * Makes the turns of one stream. Each reading has the rescue of the call that the stream was given for last. Where it was
 * given twice before it was read, whose reader comes cannot be told, and what answers one caller's input must not answer
 * another's: such a stream fails as it would without a fallback.
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
      impossible('its stream was given to several callers before it was read')
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
