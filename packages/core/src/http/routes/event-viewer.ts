import type { EventCursor } from './event-cursor.js'
import { RECONNECT } from './event-text.js'
import { answer, type StreamedResponse } from './route-answer.js'

/** A client that reads the stream of events. */
export interface Viewer {
  /** Whether the client may see the words of other people's errors. */
  readonly isTrusted: boolean
  /** Whether the connection has taken everything so far. */
  readonly hasRoom: boolean
  /** Whether the stream is to end, so that the client connects again: it is old, or the server takes no new requests. */
  readonly isDue: boolean
  /** The latest decision that the client has got; `undefined` if it asks for none of the past. */
  cursor: EventCursor | undefined
  /** The latest status that the client has got. */
  status: string
  /** Sends the head of the response. */
  begin(): void
  /** Sends a text. A client that does not read is disconnected. */
  send(text: string): void
  end(): void
}

/** The options of {@link createViewer}. */
export interface ViewerOptions {
  readonly response: StreamedResponse
  readonly isTrusted: boolean
  readonly cursor: EventCursor | undefined
  /** Monotonic time, in milliseconds. */
  readonly now: () => number
  readonly onClose: () => void
}

/** The most that waits for the network, in bytes. A client that has more waiting is disconnected. */
const MOST_WAITING = 1_048_576

/** What may wait for the network before a client gets no new status, in bytes. */
const BUSY = 65_536

/** How long a stream lasts, in milliseconds. `authorize` is asked again when the client has connected again. */
const LONGEST_MS = 600_000

/** The content type of a stream of events. */
export const EVENT_STREAM = 'text/event-stream; charset=utf-8'

/** What compression and proxies need to pass each event on at once. */
const HEADERS = {
  ...answer(200, { body: undefined }).headers,
  'cache-control': 'no-store, no-transform',
  'content-type': EVENT_STREAM,
  'x-accel-buffering': 'no',
}

/** In HTTP/1 the connection ends with the stream, because `server.close()` also waits for connections without work. */
const OWN_CONNECTION = { ...HEADERS, connection: 'close' }

/** Creates a client whose stream is to begin on a response. Never throws. */
export function createViewer({ response, isTrusted, cursor, now, onClose }: ViewerOptions): Viewer {
  const openedAt = now()
  let isOpen = true
  const close = (): void => {
    if (isOpen) onClose()
    isOpen = false
  }
  const guarded = (act: () => void): void => {
    if (!isOpen) return
    try {
      act()
    } catch {
      close() // a response can be destroyed between two calls
    }
  }
  response.on('close', close)
  response.on('error', close)
  return {
    isTrusted,
    cursor,
    status: '',
    get hasRoom() {
      return !(response.writableLength > BUSY)
    },
    get isDue() {
      return now() - openedAt >= LONGEST_MS || !isListening(response.socket)
    },
    begin: () =>
      guarded(() => {
        response.writeHead(200, response.stream === undefined ? OWN_CONNECTION : HEADERS)
        response.write(RECONNECT)
      }),
    send: (text) =>
      guarded(() => {
        response.write(text)
        if (response.writableLength > MOST_WAITING) response.destroy()
      }),
    end: () => guarded(() => response.end()),
  }
}

/** Returns false once `server.close()` was called: it waits for all streams to end. */
function isListening(socket: unknown): boolean {
  const { server } = (socket ?? {}) as { readonly server?: { readonly listening?: boolean } }
  return server?.listening !== false
}
