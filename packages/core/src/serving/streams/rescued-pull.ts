import { isThenable } from '../../routing/thenable.js'
import { isStream, releaseOutput } from './output.js'
import { type Step, type StreamSource, sourceOf } from './stream-source.js'

/** What to do if a stream fails or stays silent before its first chunk. */
export interface Rescue {
  /** Waits for the first step; if it takes too long, calls `expired` and rejects with the same error. */
  limited(first: Promise<Step>, expired: (error: unknown) => void): Promise<Step>
  /** Called if the stream was silent for too long. */
  expired(error: unknown): void
  /** Returns the output that replaces the stream, or a promise of it. Throws the reader's error if there is none. */
  otherwise(error: unknown): unknown
  /** Called with the reason if the stream cannot be replaced. */
  impossible(why: string): void
  /** Called when the reader leaves the replacement, or no longer waits for it. */
  left(reason: unknown): void
}

/** A stream, or its replacement, that is read step by step. */
export interface RescuedPull extends Omit<StreamSource, 'release'> {
  /** Records that the reader left without a call of `leave`. */
  left(reason?: unknown): void
  /** Returns whether the replacement is being read. */
  isReplaced(): boolean
}

/** Reads a stream, or its replacement after a failure before the first chunk. */
export function rescuedPull(first: StreamSource, rescue: Rescue): RescuedPull {
  let source = first
  let isReplacing = false
  let isUnderWay = false // the first step is done: the stream can no longer be replaced
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
    source = replacementOf(output, rescue, error)
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

/** Returns the source of the output that replaces a stream. Throws the stream's error if it is not a stream itself. */
function replacementOf(output: unknown, rescue: Rescue, error: unknown): StreamSource {
  if (isStream(output)) return sourceOf(output as object)
  rescue.impossible('the canary returns a stream, but the baseline does not')
  throw error
}
