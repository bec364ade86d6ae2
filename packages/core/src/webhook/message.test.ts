import { describe, expect, it } from 'vitest'
import { CanaryError } from '../foundation/errors.js'
import { decision, messageAbout } from './message.fixture.js'

const rolledBack = { epoch: 3, reason: 'errorRate: 12 % against 1 %' }

describe('a message', () => {
  it('contains the event, the rollout and its current state', () => {
    const given = { status: { state: 'rolled-back', weight: 0 } as const }
    expect(messageAbout('rolled-back', rolledBack, given)).toEqual({
      id: expect.stringMatching(/^msg_[0-9a-f]{32}$/),
      type: 'rolled-back',
      at: '2026-01-01T00:00:00.000Z',
      rollout: 'sentiment',
      versions: { baseline: 'v1', canary: 'v2' },
      epoch: 3,
      state: 'rolled-back',
      weight: 0,
      step: 2,
      text: 'Rollout "sentiment" of v2 against v1 is rolled back to v1: errorRate: 12 % against 1 %',
      data: rolledBack,
      trimmed: false,
    })
  })

  it.each([
    ['decision', decision(), 'decided: advance by judge, all 2 guardrails held'],
    ['decision', { ...decision(), applied: false }, 'decided: advance (observed only) by judge, all 2 guardrails held'],
    ['step', { epoch: 3, from: 1, to: 2, weight: 25 }, 'goes to 25 % in step 2'],
    ['step', { epoch: 3, from: 0, to: 0, weight: 2 }, 'goes to 2 % in the warm-up'],
    ['promoted', { epoch: 3, reason: 'the bake is over' }, 'is promoted, v2 replaces v1: the bake is over'],
    ['alert', { at: 0, about: 'no-data', message: 'nothing\nto see' }, 'needs attention, no-data: nothing to see'],
  ] as const)('about %s has a readable sentence', (type, event, text) => {
    expect(messageAbout(type, event).text).toBe(`Rollout "sentiment" of v2 against v1 ${text}`)
  })

  it('about an end does not say what is served, because the target may not have taken it yet', () => {
    for (const type of ['promoted', 'rolled-back'] as const)
      expect(messageAbout(type, rolledBack).text).not.toContain('serves')
  })

  it('has the code and message of an error, but not its cause', () => {
    const error = new CanaryError('STORE_FAILED', 'the store is down', { cause: new Error('password=hunter2') })
    const message = messageAbout('internal-error', { at: 0, code: 'STORE_FAILED', error, count: 4 })
    expect(message.data).toEqual({ at: 0, code: 'STORE_FAILED', message: '[STORE_FAILED] the store is down', count: 4 })
    expect(message.text).toMatch(/reports an internal error: \[STORE_FAILED\] the store is down \(4 so far\)$/)
    expect(JSON.stringify(message)).not.toContain('hunter2')
  })

  it('has the time of the event if the event has one', () => {
    expect(messageAbout('decision', decision()).at).toBe('2026-01-02T00:00:00.000Z')
  })

  it('has the epoch of the event, even if a new epoch has begun', () => {
    expect(messageAbout('promoted', { epoch: 2, reason: '' }).epoch).toBe(2)
    expect(messageAbout('alert', { at: 0, about: 'stall', message: '' }).epoch).toBe(3)
  })

  it('keeps text from outside on one line of well-formed characters, and short', () => {
    const reason = `a\u0000b\r\n\tc${'x'.repeat(3_000)}`
    const { text } = messageAbout('promoted', { epoch: 3, reason })
    expect(text).toMatch(/: a b cx+…$/)
    expect(text.length).toBe(2_000)
    expect(messageAbout('promoted', { epoch: 3, reason: 'a\ud800' }).text).toMatch(/: a\ufffd$/)
  })
})

describe('the id of a message', () => {
  const id = (given: Parameters<typeof messageAbout>[2] = {}) => messageAbout('rolled-back', rolledBack, given).id

  it('is the same for the same event', () => {
    expect(id()).toBe(id())
  })

  it('differs after a restart, for the next message, for another epoch and for another rollout', () => {
    const others = [
      id({ toldAt: Date.UTC(2026, 0, 1) + 1 }),
      id({ count: 2 }),
      id({ status: { name: 'toxicity' } }),
      messageAbout('rolled-back', { ...rolledBack, epoch: 4 }).id,
      messageAbout('promoted', rolledBack).id,
    ]
    expect(new Set([id(), ...others]).size).toBe(6)
  })

  it('has only characters that are valid in a header, for any name of a rollout', () => {
    expect(id({ status: { name: 'stimmung.übersicht 🚀' } })).toMatch(/^msg_[0-9a-f]{32}$/)
  })
})
