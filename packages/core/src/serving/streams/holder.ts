import { isThenable } from '../../routing/thenable.js'
import { isAsyncIterable, observeAsyncIterable } from './async-iterable.js'
import { isEventedStream, observeEventedStream } from './evented-stream.js'
import { isNodeStream } from './node-readable.js'
import { observeNodeStream } from './node-stream.js'
import { isWebStream, observeReadableStream } from './readable-stream.js'
import { isResponse } from './response.js'
import type { StreamObserver } from './stream-observer.js'

/** An object that is complete only when one of its members is, such as `{ stream }`. */
type Holder = Record<string, unknown>

/** The maximum number of members that are inspected. */
const MOST_MEMBERS = 32

/** Stands for the first members of a long array: a loop over its own names would list all of them first. */
const FIRST_MEMBERS: object = /* @__PURE__ */ Array.from({ length: MOST_MEMBERS })

/**
 * Returns whether a member of an object is a stream that has not ended, a promise, or a plain object or array with
 * such a member. Getters are not called.
 */
export const isHolder = (value: object): value is Holder => holds(value, true)

function holds(value: object, isOutermost: boolean): boolean {
  let looked = 0
  for (const name in isLong(value) ? FIRST_MEMBERS : value) {
    if (looked++ === MOST_MEMBERS) return false
    if (isGetter.call(value, name) !== undefined) continue
    const member = (value as Holder)[name]
    if (typeof member !== 'object' || member === null) continue
    if (isUnderWay(member) || (isOutermost && isPlain(member) && holds(member, false))) return true
  }
  return false
}

const isLong = (value: object): boolean =>
  (Array.isArray(value) || ArrayBuffer.isView(value)) && (value as ArrayLike<unknown>).length > MOST_MEMBERS

/** Returns whether an object is plain: the members of class instances are not inspected. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null || Array.isArray(value)
}

const isGetter = (Object.prototype as unknown as { __lookupGetter__(name: string): unknown }).__lookupGetter__

const isUnderWay = (member: object): boolean => {
  if (isNodeStream(member)) return member.readableEnded !== true
  if (isResponse(member)) return (member as { readonly bodyUsed?: boolean }).bodyUsed !== true
  return isThenable(member) || isWebStream(member) || isAsyncIterable(member)
}

/**
 * Watches the streams of a plain object, which together form the call. A stream that is never read does not keep the
 * call open. Promises are not touched: listening would handle their rejections. Without a stream, reports `unseen`.
 */
export function observeHolder<Output extends Holder>(output: Output, observer: StreamObserver): Output {
  const names = isPlain(output) && !Array.isArray(output) ? streamsIn(output) : []
  if (names.length === 0) observer.unseen()
  const parts = names.map((name) => {
    const isBegun = readsByItself(output[name] as object)
    return { isBegun, isParked: !isBegun, isDone: false }
  })
  names.forEach((name, index) => {
    const part = parts[index]!
    const watched = observeMember(output[name] as object, {
      ...observer,
      parked(isParked) {
        part.isParked = isParked
        if (!isParked) part.isBegun = true
        observer.parked(parts.every((each) => each.isParked))
      },
      ended() {
        part.isBegun = part.isDone = part.isParked = true
        if (parts.every(({ isBegun, isDone }) => isDone || !isBegun)) observer.ended()
      },
    })
    if (watched !== output[name]) (output as Holder)[name] = watched
  })
  return output
}

/** Returns the names of stream members; a web stream has to be replaced by a watched one. */
const streamsIn = (output: Holder): readonly string[] =>
  Object.keys(output).filter((name) => {
    const { value, writable } = Object.getOwnPropertyDescriptor(output, name)!
    if (typeof value !== 'object' || value === null) return false
    return isWebStream(value) ? writable === true && !value.locked : isNodeStream(value) || isAsyncIterable(value)
  })

const readsByItself = (member: object): boolean =>
  !isNodeStream(member) && !isWebStream(member) && isAsyncIterable(member) && isEventedStream(member)

function observeMember(member: object, observer: StreamObserver): object {
  if (isNodeStream(member)) return observeNodeStream(member, observer)
  if (isWebStream(member)) return observeReadableStream(member, observer)
  const iterable = member as AsyncIterable<unknown>
  return isEventedStream(iterable) ? observeEventedStream(iterable, observer) : observeAsyncIterable(iterable, observer)
}

/** Releases every stream in an object. */
export function releaseHolder(output: Holder, release: (member: unknown) => void): void {
  for (const name of streamsIn(output)) release(output[name])
}
