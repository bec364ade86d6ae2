import { isThenable } from '../../runtime/thenable.js'
import { isStream, releaseOutput } from './output.js'
import { type Step, type StreamSource, sourceOf } from './stream-source.js'

/** What is done about a stream that fails or stays silent before its first chunk. */
export interface Rescue {
  /** Waits for the first step; if it takes too long, calls `expired` and rejects with the same error. */
  limited(first: Promise<Step>, expired: (error: unknown) => void): Promise<Step>
  /** The stream was silent for too long. */
  expired(error: unknown): void
  /** Returns the output to go on with in the stream's place, or a promise of it; throws what the reader gets otherwise. */
  otherwise(error: unknown): unknown
  /** Nothing can come in the stream's place, and why. */
  impossible(why: string): void
  /** The reader has left, or waits no more for, the stream that comes in the first one's place. */
  left(reason: unknown): void
}

/** A stream that is read step by step, whichever it is. */
export interface RescuedPull extends Omit<StreamSource, 'release'> {
  /** The reader leaves otherwise than by `leave`. */
  left(reason?: unknown): void
  /** Whether what is read is another stream than the first. */
  isReplaced(): boolean
}

/** Reads a stream, and after a failure before its first chunk another one in its place. */
export function rescuedPull(first: StreamSource, rescue: Rescue): RescuedPull {
  let source = first
  let isReplacing = false
  let isUnderWay = false // the first step is done: from here on the stream is on its own
  let hasLeft = false
  let starting: Promise<unknown> | undefined

  const replacement = async (error: unknown): Promise<Step> => {
    const said = rescue.otherwise(error)
    isReplacing = true
    const output: unknown = isThenable(said) ? await said : said
    if (hasLeft) {
      releaseOutput(output)
      return { done: true, value: undefined }
    }
    if (!isStream(output)) {
      rescue.impossible('the canary gives a stream, the baseline none')
      throw error
    }
    source = sourceOf(output as object)
    return rescue.limited(source.next(), (silence) => {
      source.release()
      rescue.left(silence)
    })
  }

  const start = async (input: [] | [unknown]): Promise<Step> => {
    if (isUnderWay) return source.next(...input)
    try {
      return await rescue.limited(first.next(...input), (silence) => {
        if (!hasLeft) rescue.expired(silence)
        first.release()
      })
    } catch (error) {
      if (hasLeft) throw error
      return await replacement(error)
    } finally {
      isUnderWay = true
    }
  }

  const left = (reason?: unknown): void => {
    hasLeft = true
    if (isReplacing) rescue.left(reason)
  }

  return {
    next(...input) {
      if (isUnderWay) return source.next(...input)
      const step = starting === undefined ? start(input) : starting.then(() => start(input))
      starting = step.then(undefined, () => {})
      return step
    },
    leave(reason) {
      left(reason)
      return source.leave(reason)
    },
    left,
    isReplaced: () => source !== first,
  }
}
