import type { IncomingMessage } from 'node:http'
import type { Patience } from '../adapter-contract/patience.js'
import type { KubeObject } from './object.js'

/** One line of a watch. */
export interface WatchEvent {
  readonly type: string
  readonly object: KubeObject
}

/** An open watch. */
export interface Events {
  readonly status: number
  /** The next event; rejects where none comes in time. */
  next(): Promise<WatchEvent>
  /** Resolves when the server ends the stream as it should, and rejects where another event comes or it is cut. */
  end(): Promise<void>
  close(): void
}

/** Reads the lines of a watch. */
export function readEvents(response: IncomingMessage, { within }: Patience): Events {
  response.on('error', () => {}) // whoever closes does not ask
  const lines = linesOf(response)

  return {
    status: response.statusCode ?? 0,
    async next() {
      const { value, done } = await within('an event of a watch', lines.next())
      if (done) throw new Error('the watch ended before the event')
      return JSON.parse(value) as WatchEvent
    },
    async end() {
      const { value, done } = await within('the end of a watch', lines.next())
      if (!done) throw new Error(`the watch went on: ${value.slice(0, 300)}`)
    },
    close: () => void response.destroy(),
  }
}

async function* linesOf(response: IncomingMessage): AsyncGenerator<string, undefined> {
  let rest = ''
  for await (const chunk of response.setEncoding('utf8') as AsyncIterable<string>) {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop()!
    yield* lines.filter((line) => line !== '')
  }
  return undefined
}
