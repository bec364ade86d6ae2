import { isStream } from './output.js'
import { type Step, type StreamSource, sourceOf } from './stream-source.js'
import { isThenable } from './thenable.js'

/** What is done about a stream that fails or stays silent before its first chunk. */
export interface Rescue {
  /** Waits for the first step; if it takes too long, calls `expired` and rejects. */
  limited(first: Promise<Step>, expired: () => void): Promise<Step>
  /** The stream was silent for too long. */
  expired(): void
  /** Returns the output to go on with in the stream's place, or a promise of it; throws what the reader gets otherwise. */
  otherwise(error: unknown): unknown
  /** The output that came in the stream's place is none that can be read. */
  noStream(): void
  /** The reader has left the stream that came in the first one's place. */
  left(reason: unknown): void
}

/** Reads a stream, and after a failure before its first chunk another one in its place. */
export function rescuedPull(first: StreamSource, rescue: Rescue): Omit<StreamSource, 'release'> {
  let source = first
  let isUnderWay = false // the first step is done: from here on the stream is on its own
  let hasLeft = false
  let starting: Promise<unknown> | undefined

  const replacement = async (error: unknown): Promise<Step> => {
    const said = rescue.otherwise(error)
    const output: unknown = isThenable(said) ? await said : said
    if (!isStream(output)) {
      rescue.noStream()
      throw error
    }
    source = sourceOf(output as object)
    if (hasLeft) source.release()
    return rescue.limited(source.next(), () => {
      source.release()
      rescue.left(undefined)
    })
  }

  const start = async (input: [] | [unknown]): Promise<Step> => {
    if (isUnderWay) return source.next(...input)
    try {
      return await rescue.limited(first.next(...input), () => {
        if (!hasLeft) rescue.expired()
        first.release()
      })
    } catch (error) {
      if (hasLeft) throw error
      return await replacement(error)
    } finally {
      isUnderWay = true
    }
  }

  return {
    next(...input) {
      if (isUnderWay) return source.next(...input)
      const step = starting === undefined ? start(input) : starting.then(() => start(input))
      starting = step.then(undefined, () => {})
      return step
    },
    leave(reason) {
      hasLeft = true
      if (source !== first) rescue.left(reason)
      return source.leave(reason)
    },
  }
}
