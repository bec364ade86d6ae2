import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createLineSplitter } from './line-splitter.js'

const push = (chunks: readonly Buffer[]) => {
  const splitter = createLineSplitter()
  return chunks.flatMap((chunk) => splitter.push(chunk))
}

describe('createLineSplitter', () => {
  it('returns a line once it is complete', () => {
    const splitter = createLineSplitter()
    expect(splitter.push(Buffer.from('one\ntw'))).toEqual(['one'])
    expect(splitter.push(Buffer.from('o'))).toEqual([])
    expect(splitter.push(Buffer.from('\nthree'))).toEqual(['two'])
  })

  it('skips empty lines', () => {
    expect(push([Buffer.from('\n\r\n one \r\n\n')])).toEqual([' one \r'])
  })

  it('refuses a line that is too long, in one piece or many', () => {
    const tooLong = expect.objectContaining({ code: 'KUBE_FAILED' })
    expect(() => createLineSplitter(10).push(Buffer.from('12345678901\n'))).toThrow(tooLong)
    const splitter = createLineSplitter(10)
    expect(splitter.push(Buffer.from('1234567890\n123456'))).toEqual(['1234567890'])
    expect(() => splitter.push(Buffer.from('78901'))).toThrow(tooLong)
  })
})

describe('properties', () => {
  it('returns the same lines for any chunks', () => {
    const line = fc.string({ unit: 'grapheme', minLength: 1 }).map((text) => `>${text.replaceAll('\n', ' ')}`)
    fc.assert(
      fc.property(fc.array(line), fc.array(fc.nat({ max: 400 })), (lines, cuts) => {
        const bytes = Buffer.from(lines.map((text) => `${text}\n`).join(''))
        const places = [0, ...[...cuts].sort((a, b) => a - b), bytes.length]
        expect(push(places.slice(1).map((end, nth) => bytes.subarray(places[nth], end)))).toEqual(lines)
      }),
    )
  })
})
