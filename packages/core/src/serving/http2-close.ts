import { type ClosingConnection, isClosedByPeer } from './socket-close.js'
import { override } from './streams/override-member.js'

/** The members of a stream of HTTP/2 that show who resets it. */
interface ClosingStream {
  /** True once it was reset, by either side. */
  readonly closed?: boolean
  /** Resets it. */
  close?(...given: never[]): unknown
  /** What carries it. Its socket cannot be read once it is gone. */
  readonly session?: { readonly socket?: ClosingConnection } | undefined
}

const closedHere = /* @__PURE__ */ new WeakSet<object>()

/**
 * Watches whether this side resets a stream of HTTP/2. Node shows the same afterwards, whichever side it was. It also
 * resets the streams of a connection that the peer has closed.
 */
export function watchClose(stream: ClosingStream): void {
  const { close } = stream
  if (typeof close !== 'function') return
  override(stream, 'close', (...given: never[]): unknown => {
    if (stream.closed === false && !isWithoutPeer(stream)) closedHere.add(stream)
    return close.apply(stream, given)
  })
}

function isWithoutPeer({ session }: ClosingStream): boolean {
  try {
    return isClosedByPeer(session?.socket)
  } catch {
    return false
  }
}

/** Returns whether this side reset a watched stream first. */
export const isClosedHere = (stream: object): boolean => closedHere.has(stream)
