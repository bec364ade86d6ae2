import { manualClock } from '@model-canary/testing'
import { describe, expect, it } from 'vitest'
import { nowhere, receiver, statuses, until, watchedClock } from './receiver.fixture.js'
import { verifyWebhook } from './verify-webhook.js'
import { type WebhookGateOptions, webhookGate } from './webhook-gate.js'

const secret = 'sixteen characters'
const question = (signal = new AbortController().signal) => ({ epoch: 3, step: 2, weight: 25, signal })

describe('a webhook gate', () => {
  it('posts a signed request about its step', async () => {
    const to = await receiver()
    const clock = manualClock()
    const gate = webhookGate({ url: to.url, secret, rollout: 'sentiment', clock })
    expect([await gate(question()), await gate(question())]).toEqual([true, true])
    const [first, second] = to.received
    expect(JSON.parse(first!.body)).toEqual({
      id: first!.headers['webhook-id'],
      type: 'gate',
      at: '2026-01-01T00:00:00.000Z',
      rollout: 'sentiment',
      epoch: 3,
      step: 2,
      weight: 25,
    })
    expect(first!.headers['webhook-id']).not.toBe(second!.headers['webhook-id'])
    expect(verifyWebhook({ headers: first!.headers, body: first!.body, secret, now: clock.now() })).toBe(true)
  })

  it.each([
    [200, true],
    [204, true],
    [301, false],
    [403, false],
    [404, false],
    [429, false],
    [503, false],
  ])('with the answer %i is %s, without retries', async (status, open) => {
    const to = await receiver(statuses(status))
    expect(await webhookGate({ url: to.url })(question())).toBe(open)
    expect(to.received).toHaveLength(1)
  })

  it('rejects if the receiver cannot be reached', async () => {
    const gate = webhookGate({ url: await nowhere() })
    await expect(gate(question())).rejects.toMatchObject({
      code: 'WEBHOOK_FAILED',
      message: expect.stringContaining('ECONNREFUSED'),
    })
  })

  it('rejects if the receiver takes too long', async () => {
    const to = await receiver(() => {})
    const clock = watchedClock()
    const asked = webhookGate({ url: to.url, timeoutMs: 2_000, clock })(question())
    await until(() => to.received.length === 1)
    await Promise.all([
      expect(asked).rejects.toMatchObject({ code: 'WEBHOOK_FAILED', message: expect.stringContaining('2000 ms') }),
      clock.manual.advance(2_000),
    ])
    expect(clock.manual.pending).toBe(0)
  })

  it('closes the connection if it is aborted', async () => {
    let hasLeft = false
    const to = await receiver((response) => response.on('close', () => (hasLeft = true)))
    const withdrawal = new AbortController()
    const asked = webhookGate({ url: to.url })(question(withdrawal.signal))
    await until(() => to.received.length === 1)
    withdrawal.abort()
    await expect(asked).rejects.toMatchObject({ code: 'WEBHOOK_FAILED' })
    await until(() => hasLeft)
  })

  it.each([
    ['an option that nobody reads', { retries: 3 }, 'UNKNOWN_OPTION'],
    ['a name that is none', { rollout: '' }, 'INVALID_NAME'],
    ['a secret that was not set', { secret: undefined }, 'INVALID_OPTION'],
  ])('refuses %s', (_what, given, code) => {
    const options = { url: 'http://127.0.0.1', ...given } as WebhookGateOptions
    expect(() => webhookGate(options)).toThrowError(expect.objectContaining({ code }))
  })
})
