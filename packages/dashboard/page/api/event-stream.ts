import { createParser } from 'eventsource-parser'
import type { Client } from './client.js'

/** What a stream of events says. */
export interface StreamEvents {
  /** An event has come. */
  readonly onEvent: (name: string, data: unknown) => void
  /** Something has come, if only a sign of life. */
  readonly onLife: () => void
}

/** How long a stream may be silent, in milliseconds: the service sends a sign of life every 15 s. */
const LONGEST_SILENCE_MS = 40_000

/** The events of a rollout, from the last one that was seen. */
export interface EventStream {
  /** Reads until the stream ends. Resolves to the HTTP status that refused it, 200 if it was open, 0 if it was not. */
  read(signal: AbortSignal): Promise<number>
}

/** Creates a reader of a stream; each `read` goes on after the last event that has come. */
export function createEventStream(client: Client, path: string, events: StreamEvents): EventStream {
  let lastId: string | undefined

  return {
    async read(signal) {
      const silence = new AbortController()
      let timer: ReturnType<typeof setTimeout> | undefined
      const hear = (): void => {
        clearTimeout(timer)
        timer = setTimeout(() => silence.abort(), LONGEST_SILENCE_MS)
      }
      hear()
      let status = 0
      try {
        const headers: Record<string, string> = lastId === undefined ? {} : { 'last-event-id': lastId }
        const response = await client.open(path, headers, AbortSignal.any([signal, silence.signal]))
        status = response.status
        const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') === true
        if (!response.ok || response.body === null || !isStream) {
          await response.body?.cancel()
          return response.ok ? 0 : status
        }
        const parser = createParser({
          onEvent({ id, event, data }) {
            if (id !== undefined) lastId = id
            events.onEvent(event ?? 'message', parsed(data))
          },
        })
        const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
        for (let read = await reader.read(); !read.done; read = await reader.read()) {
          hear()
          events.onLife()
          parser.feed(read.value)
        }
        return status
      } catch {
        return status
      } finally {
        clearTimeout(timer)
      }
    },
  }
}

function parsed(data: string): unknown {
  try {
    return JSON.parse(data)
  } catch {
    return null
  }
}
