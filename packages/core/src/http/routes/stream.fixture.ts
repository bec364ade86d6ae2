import { EventEmitter } from 'node:events'
import type { StreamedResponse } from './route-answer.js'

/** One event of a stream, parsed. */
export interface ParsedEvent {
  readonly id: string
  readonly event: string
  readonly data: Record<string, unknown>
}

/** A response that keeps what was written; its network can stop. */
export interface KeptResponse extends StreamedResponse {
  readonly head: { readonly status: number; readonly headers: Readonly<Record<string, string>> } | undefined
  readonly text: string
  readonly isEnded: boolean
  readonly isDestroyed: boolean
  /** Stops or resumes the network: what is written waits. */
  isStuck: boolean
  /** The server's end of the connection. */
  socket: { server: { listening: boolean } }
  /** Makes every write throw, as a response that was destroyed may. */
  isBroken: boolean
  leave(): void
  /** Returns the events so far. */
  events(): readonly ParsedEvent[]
}

/** Creates a response for a stream of events. */
export function keptResponse(): KeptResponse {
  const emitter = new EventEmitter()
  let waiting = 0
  const response = {
    head: undefined as KeptResponse['head'],
    text: '',
    isEnded: false,
    isDestroyed: false,
    isStuck: false,
    isBroken: false,
    socket: { server: { listening: true } },
    get writableLength() {
      return waiting
    },
    writeHead(status: number, headers: Readonly<Record<string, string>>) {
      response.head = { status, headers }
    },
    write(text: string) {
      if (response.isBroken) throw new Error('write after end')
      response.text += text
      if (response.isStuck) waiting += text.length
    },
    end() {
      response.isEnded = true
      emitter.emit('close')
    },
    destroy() {
      response.isDestroyed = true
      emitter.emit('close')
    },
    on: (name: string, listener: () => void) => emitter.on(name, listener),
    leave: () => void emitter.emit('close'),
    events: () =>
      [...response.text.matchAll(/id: (.*)\nevent: (.*)\ndata: (.*)\n\n/g)].map(
        ([, id = '', event = '', data = '{}']) => ({
          id,
          event,
          data: JSON.parse(data) as Record<string, unknown>,
        }),
      ),
  }
  return response
}
