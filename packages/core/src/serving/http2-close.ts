import { override } from './streams/override-member.js'

/** The members of a stream of HTTP/2 that show who resets it. */
interface ClosingStream {
  /** True once it was reset, by either side. */
  readonly closed?: boolean
  /** Resets it. */
  close?(...given: never[]): unknown
}

const closedHere = /* @__PURE__ */ new WeakSet<object>()

/** Watches whether this side resets a stream of HTTP/2. Node shows the same afterwards, whichever side it was. */
export function watchClose(stream: ClosingStream): void {
  const { close } = stream
  if (typeof close !== 'function') return
  override(stream, 'close', (...given: never[]): unknown => {
    if (stream.closed === false) closedHere.add(stream)
    return close.apply(stream, given)
  })
}

/** Returns whether this side reset a watched stream first. */
export const isClosedHere = (stream: object): boolean => closedHere.has(stream)
