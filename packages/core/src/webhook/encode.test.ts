import { describe, expect, it } from 'vitest'
import { encode, LONGEST_BODY } from './encode.js'
import { decision, messageAbout } from './message.fixture.js'

const step = messageAbout('step', { epoch: 3, from: 1, to: 2, weight: 25 })

describe('a body', () => {
  it('is the message as JSON, or the result of a format function', () => {
    expect(JSON.parse(encode(step, 'json'))).toEqual(step)
    expect(JSON.parse(encode(step, 'slack'))).toMatchObject({ text: expect.stringContaining('25 %') })
    expect(encode(step, ({ type, rollout }) => [type, rollout])).toBe('["step","sentiment"]')
  })

  it('is sent without the checks if it is too long', () => {
    const long = messageAbout('decision', decision(300))
    const body = encode(long, 'json')
    expect(JSON.parse(body)).toMatchObject({
      trimmed: true,
      data: { action: 'advance', verdict: { kind: 'pass', checks: [] } },
    })
    expect(Buffer.byteLength(body)).toBeLessThan(2_000)
  })

  it('is sent without the event if it is still too long', () => {
    const message = 'ü'.repeat(LONGEST_BODY / 2)
    const long = messageAbout('alert', { at: 0, about: 'hold', message })
    expect(JSON.parse(encode(long, 'json'))).toMatchObject({ type: 'alert', trimmed: true, data: null })
  })

  it.each([
    ['too long even without its event', () => 'x'.repeat(LONGEST_BODY), /longer than 262144 bytes/],
    ['not JSON', () => undefined, /JSON/],
    ['a promise', async () => Promise.reject(new Error('late')), /must not return a promise/],
    [
      'missing because the format threw',
      () => {
        throw new Error('no format')
      },
      /no format/,
    ],
  ])('is refused if it is %s', (_what, format, why) => {
    expect(() => encode(step, format)).toThrowError(why)
  })
})
