import { isNodeStream, type NodeStream } from './node-readable.js'
import { isWebStream } from './readable-stream.js'

/** Returns whether a value that can be read only once has been read, or may have been. */
export type Touched = () => boolean

/** The members of a `Request` or a `Response` that are used. */
interface WithBody {
  readonly bodyUsed: boolean
  readonly body?: { readonly locked?: boolean } | null
}

/** The methods that read a web stream or an iterator. */
const READERS = [
  'next',
  'return',
  'throw',
  'getReader',
  'tee',
  'pipeTo',
  'pipeThrough',
  'values',
  'cancel',
  Symbol.asyncIterator,
] as const

/**
 * Watches a value that can be read only once: an iterator, a stream, a `Request` or a `Response`.
 * Returns `undefined` if the value can be read again, or has nothing left to read.
 */
export function watchReadOnce(value: object): Touched | undefined {
  if (isNodeStream(value)) return watchNodeStream(value)
  if (isWebStream(value)) return value.locked ? () => true : watchReaders(value)
  if (hasBody(value)) return value.bodyUsed ? undefined : () => value.bodyUsed || value.body?.locked === true
  if (isIterator(value) || Symbol.asyncIterator in value) return watchReaders(value)
  return undefined
}

const hasBody = (value: object): value is WithBody => 'bodyUsed' in value && typeof value.bodyUsed === 'boolean'

const isIterator = (value: object): boolean =>
  'next' in value && typeof value.next === 'function' && Symbol.iterator in value

/** Ignores a stream that was read to its end before the call, such as that of a parsed request. */
function watchNodeStream(stream: NodeStream): Touched | undefined {
  const { readableEnded, closed, readableFlowing } = stream as ReadableState
  if (readableEnded === true || closed === true) return undefined
  const isUnread = (): boolean => {
    const { readableDidRead, destroyed, readableFlowing: flowing } = stream as ReadableState
    return readableDidRead === false && destroyed === false && flowing === readableFlowing
  }
  return isUnread() ? () => !isUnread() : () => true
}

interface ReadableState extends NodeStream {
  readonly readableFlowing?: boolean | null
  readonly destroyed?: boolean
}

/** Overrides the methods that read until the first call. A value that cannot be watched counts as read. */
function watchReaders(target: object): Touched {
  const before = new Map<PropertyKey, PropertyDescriptor | undefined>()
  let isTouched = false
  const touch = (): void => {
    isTouched = true
    for (const [name, own] of before) {
      if (own === undefined) Reflect.deleteProperty(target, name)
      else Reflect.defineProperty(target, name, own)
    }
    before.clear()
  }
  for (const name of READERS) {
    const read: unknown = Reflect.get(target, name)
    if (typeof read !== 'function') continue
    const own = Reflect.getOwnPropertyDescriptor(target, name)
    const watched = function (this: unknown, ...input: unknown[]): unknown {
      touch()
      return read.apply(this, input)
    }
    if (!Reflect.defineProperty(target, name, { value: watched, configurable: true, writable: true })) return () => true
    before.set(name, own)
  }
  return () => isTouched || ('locked' in target && target.locked === true)
}
