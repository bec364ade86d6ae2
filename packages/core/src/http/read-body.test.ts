import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { readJsonBody } from './read-body.js'

const body = (...chunks: (string | Uint8Array)[]) => Readable.from(chunks.map((chunk) => Buffer.from(chunk)))

describe('readJsonBody', () => {
  it('reads JSON in chunks of any size, also if one ends within a character', async () => {
    const bytes = Buffer.from('{"reason":"ü"}')
    expect(await readJsonBody(body(bytes.subarray(0, 12), bytes.subarray(12)))).toEqual({ reason: 'ü' })
  })

  it('treats an empty body like no body', async () => {
    expect(await readJsonBody(body())).toBe(undefined)
    expect(await readJsonBody(body(''))).toBe(undefined)
  })

  it.each(['{', 'pause', '{"a":1}}'])('reads %o as null', async (text) => {
    expect(await readJsonBody(body(text))).toBe(null)
  })

  it('accepts 16 KiB and not a byte more', async () => {
    const text = (length: number) => `"${'x'.repeat(length - 2)}"`
    expect(await readJsonBody(body(text(16_384)))).toHaveLength(16_382)
    expect(await readJsonBody(body(text(16_385)))).toBe(null)
  })

  it('reads a body that is too long to its end, so that the answer can still be sent', async () => {
    const request = body(...Array.from({ length: 100 }, () => 'x'.repeat(1_000)))
    expect(await readJsonBody(request)).toBe(null)
    expect(request.readableEnded).toBe(true)
  })
})

describe('a body after an earlier parser', () => {
  const request = (text: string, headers: Record<string, string> = { 'content-length': String(text.length) }) =>
    Object.assign(text === '' ? Readable.from([]) : body(text), { headers })
  const left = { reason: 'lunch' }

  it.each([
    ['what it has read', left, left],
    ['a text', '{"reason":"lunch"}', left],
    ['bytes', Buffer.from('{"reason":"lunch"}'), left],
    ['a text that is no JSON', 'lunch', null],
    ['a list', [], []],
  ])('is %s', async (_, parsed, expected) => {
    expect(await readJsonBody(request('{"reason":"other"}'), parsed)).toEqual(expected)
  })

  it.each([{}, undefined, null, '', Buffer.alloc(0)])(
    'is read here where it has left %o and read nothing',
    async (parsed) => {
      expect(await readJsonBody(request('{"expectedStep":3}'), parsed)).toEqual({ expectedStep: 3 })
      expect(await readJsonBody(request(''), parsed)).toBe(undefined)
    },
  )

  it.each([{}, undefined, null])('is lost, and not empty, where it has read it and left %o', async (parsed) => {
    const read = async (text: string, headers?: Record<string, string>) => {
      const incoming = request(text, headers)
      for await (const _ of incoming);
      return readJsonBody(incoming, parsed)
    }
    expect(await read('{"expectedStep":3}')).toBe(null)
    expect(await read('{"expectedStep":3}', { 'transfer-encoding': 'chunked' })).toBe(null)
    expect(await read('{}')).toEqual({})
    expect(await read('')).toBe(undefined)
  })
})
