import { createParser } from 'eventsource-parser'

/** One event of a stream. */
export interface StreamEvent {
  readonly id: string | undefined
  readonly event: string
  /** The parsed JSON; `undefined` if the data is none. */
  readonly data: unknown
}

/** The longest event that is read, in UTF-16 units. */
const LONGEST = 16_777_216

/** Reads server-sent events from chunks of text. `retryMs` is what the stream says about the pause before the next. */
export interface EventParser {
  /** Takes the next chunk. Throws if an event is longer than anything the routes send. */
  read(chunk: string): void
  readonly retryMs: number | undefined
}

/** Creates a parser that calls back for each event, in the order of the stream. */
export function createEventParser(onEvent: (event: StreamEvent) => void): EventParser {
  let retryMs: number | undefined
  let waiting = 0 // no more than this is kept of an event that has not ended
  const parser = createParser({
    onEvent({ id, event = 'message', data }) {
      waiting = 0
      onEvent({ id, event, data: jsonOf(data) })
    },
    onComment: () => void (waiting = 0),
    onRetry: (ms) => void (retryMs = ms),
  })
  return {
    get retryMs() {
      return retryMs
    },
    read(chunk) {
      waiting += chunk.length
      if (waiting > LONGEST) throw new Error(`an event is larger than ${LONGEST} characters`)
      parser.feed(chunk)
    },
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
