import { describe, expect, it } from 'vitest'
import { createEventParser, type StreamEvent } from './event-parser.js'

function parsed(...chunks: readonly string[]) {
  const events: StreamEvent[] = []
  const parser = createEventParser((event) => events.push(event))
  for (const chunk of chunks) parser.read(chunk)
  return { events, retryMs: parser.retryMs }
}

const TEXT = 'retry: 2000\n\n:\n\nid: 3-17\nevent: status\ndata: {"a":1}\n\nevent: alert\ndata: {"b":\ndata: 2}\n\n'
const EVENTS = [
  { id: '3-17', event: 'status', data: { a: 1 } },
  { id: undefined, event: 'alert', data: { b: 2 } },
]

describe('a parser of events', () => {
  it('reads ids, names, data and the pause between two streams, and leaves heartbeats out', () => {
    expect(parsed(TEXT)).toEqual({ events: EVENTS, retryMs: 2_000 })
  })

  it('reads the same wherever the chunks end, and with either line ending', () => {
    for (let at = 0; at <= TEXT.length; at += 1)
      expect(parsed(TEXT.slice(0, at), TEXT.slice(at))).toEqual({ events: EVENTS, retryMs: 2_000 })
    expect(parsed(TEXT.replaceAll('\n', '\r\n')).events).toEqual(EVENTS)
    expect(parsed(...TEXT.replaceAll('\n', '\r\n')).events).toEqual(EVENTS)
  })

  it('takes data that is no JSON for none', () => {
    expect(parsed('event: status\ndata: oops\n\n').events).toEqual([
      { id: undefined, event: 'status', data: undefined },
    ])
  })

  it('refuses an event without an end', () => {
    expect(() => parsed('data: ', 'x'.repeat(16_777_216))).toThrow(/larger than 16777216/)
  })
})
