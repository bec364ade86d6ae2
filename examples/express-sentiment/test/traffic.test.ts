import { describe, expect, it } from 'vitest'
import { askOver } from '../src/traffic/ask.js'
import { requestsDue } from '../src/traffic/pacing.js'
import { emptyTally, type Reply, withReply, withSent } from '../src/traffic/tally.js'
import { startTraffic } from '../src/traffic/traffic.js'

describe('the pace of the traffic', () => {
  const flow = { elapsedMs: 1_000, rate: 250, counted: 0, underWay: 0, mostUnderWay: 200 }

  it('is the rate, whatever was sent before', () => {
    expect(requestsDue({ ...flow, elapsedMs: 10 })).toEqual({ send: 2, holdBack: 0 })
    expect(requestsDue({ ...flow, elapsedMs: 3 })).toEqual({ send: 0, holdBack: 0 })
    expect(requestsDue({ ...flow, counted: 240 })).toEqual({ send: 10, holdBack: 0 })
    expect(requestsDue({ ...flow, counted: 300 })).toEqual({ send: 0, holdBack: 0 })
  })

  it('holds back what would pile up on a service that does not answer', () => {
    expect(requestsDue({ ...flow, counted: 240, underWay: 197 })).toEqual({ send: 3, holdBack: 7 })
    expect(requestsDue({ ...flow, counted: 240, underWay: 200 })).toEqual({ send: 0, holdBack: 10 })
  })
})

describe('the tally', () => {
  it('counts answers by the version that gave them, and how many were right', () => {
    const replies: Reply[] = [
      { prediction: 'positive', version: 'v1' },
      { prediction: 'negative', version: 'v1' },
      { prediction: 'positive', version: 'v2' },
      { failure: 'HTTP 500' },
    ]
    const sent = [...replies, 'still under way'].reduce((tally) => withSent(tally), emptyTally)
    expect(replies.reduce((tally, reply) => withReply(tally, reply, 'positive'), sent)).toEqual({
      sent: 5,
      underWay: 1,
      answered: 3,
      failed: 1,
      lastFailure: 'HTTP 500',
      heldBack: 0,
      byVersion: { v1: { answers: 2, right: 1 }, v2: { answers: 1, right: 1 } },
    })
  })
})

describe('the traffic', () => {
  it('sends each sentence once before it begins again, and ends when all are answered', async () => {
    const sentences = ['a', 'b', 'c'].map((text) => ({ text, label: 'positive' as const }))
    const asked: string[] = []
    const traffic = startTraffic({
      sentences,
      rate: 500,
      ask: async ({ text }) => {
        asked.push(text)
        return { prediction: 'positive', version: 'v1' }
      },
    })
    await expect.poll(() => asked.length).toBeGreaterThanOrEqual(6)
    await traffic.stop()
    expect(asked.slice(0, 3).sort()).toEqual(['a', 'b', 'c'])
    expect(asked.slice(3, 6)).toEqual(asked.slice(0, 3))
    expect(traffic.tally).toMatchObject({ sent: asked.length, answered: asked.length, underWay: 0, failed: 0 })
  })

  it('takes a service that is not there as a failure, not as an exception', async () => {
    const ask = askOver('http://127.0.0.1:1')
    expect(await ask({ text: 'a', label: 'positive' }, 'user-1')).toEqual({
      failure: expect.stringContaining('ECONNREFUSED'),
    })
  })
})
