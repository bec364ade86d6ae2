import { expect, it } from 'vitest'
import { packSpans, readSpans } from './packed-spans.js'
import { minutes } from './span.fixture.js'

const next = minutes({ requests: 60_000 })
const spans = [
  next({ epoch: 0, visit: 0, step: 0, weight: 0 }).span,
  next({ weight: 0.5 }).span,
  next({ versions: { baseline: 'v2', canary: 'naïve @ 3' } }).span,
  next({ versions: { baseline: 'v2', canary: 'naïve @ 3' } }).span,
]

it('returns what was packed', () => {
  expect(readSpans(packSpans(spans))).toEqual(spans)
  expect(readSpans(packSpans([]))).toEqual([])
})

it('takes about 300 characters for a minute of 60,000 requests', () => {
  expect(packSpans(spans.slice(0, 1)).length).toBeLessThan(400)
})

it('refuses what is damaged, of another form, or no text', () => {
  const text = packSpans(spans)
  for (const other of [undefined, null, 7, '', 's', 't', text.slice(1), text.slice(0, -1), `A${text.slice(1)}`])
    expect(readSpans(other)).toBe(undefined)
  for (let at = 0; at < text.length; at += 7) {
    const changed = text.slice(0, at) + (text[at] === '1' ? '2' : '1') + text.slice(at + 1)
    expect(readSpans(changed)).toBe(undefined)
  }
})

it('refuses spans that overlap, and a share above 100 %', () => {
  const [first, second] = spans
  expect(readSpans(packSpans([second!, first!]))).toBe(undefined)
  expect(readSpans(packSpans([{ ...first!, weight: 101 }]))).toBe(undefined)
})
