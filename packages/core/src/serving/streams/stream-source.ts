import { isNodeStream } from './node-readable.js'
import { releaseOutput } from './output.js'
import { isWebStream } from './readable-stream.js'

/** The result of one step of a stream. */
export type Step = IteratorResult<unknown>

/** A stream of any kind, read step by step. */
export interface StreamSource {
  next(...input: [] | [unknown]): Promise<Step>
  /** Ends the reading early. */
  leave(reason?: unknown): Promise<Step>
  /** Releases a stream that is no longer wanted. Never throws. */
  release(): void
}

/** Reads a stream of any kind; nothing is read before the first `next`. */
export function sourceOf(stream: object): StreamSource {
  return isWebStream(stream) ? webSource(stream) : iterableSource(stream as AsyncIterable<unknown>)
}

/** Reads an iterator with its current methods, even if they are overridden later. */
export function iteratorSource(iterator: AsyncIterator<unknown>): StreamSource {
  const { next, return: leave } = iterator
  return {
    next: (...input) => next.apply(iterator, input as []),
    leave: (reason) => leave?.call(iterator, reason) ?? left(reason),
    release: () => ignore(leave?.call(iterator)),
  }
}

/** Ignores the result and a rejection of a promise. */
export function ignore(leaving: Promise<unknown> | undefined): void {
  leaving?.then(undefined, () => {})
}

const left = async (value: unknown): Promise<Step> => ({ done: true, value })

function webSource(stream: ReadableStream): StreamSource {
  const reader = stream.getReader()
  return {
    next: () => reader.read() as Promise<Step>,
    leave: (reason) => reader.cancel(reason).then(() => left(undefined)),
    release: () => ignore(reader.cancel()),
  }
}

function iterableSource(stream: AsyncIterable<unknown>): StreamSource {
  if (isNodeStream(stream)) stream.on('error', () => {}) // the reader gets the error from the step
  let source: StreamSource | undefined
  const begun = (): StreamSource => {
    source ??= iteratorSource(stream[Symbol.asyncIterator]())
    return source
  }
  return {
    next: async (...input) => begun().next(...input),
    async leave(reason) {
      if (!isNodeStream(stream)) return begun().leave(reason)
      stream.destroy?.(reason)
      return left(reason)
    },
    release: () => (isNodeStream(stream) ? releaseOutput(stream) : begun().release()),
  }
}
