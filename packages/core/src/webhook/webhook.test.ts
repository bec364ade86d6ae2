import type { CanaryEvents } from '@model-canary/core'
import { describe, expect, it, vi } from 'vitest'
import { CanaryError } from '../foundation/errors.js'
import { unhandledIn } from '../foundation/unhandled.fixture.js'
import { createEmitter } from '../runtime/emitter.js'
import { decision, status } from './message.fixture.js'
import { type Receiver, receiver, statuses, until, watchedClock } from './receiver.fixture.js'
import { webhook } from './webhook.js'
import type { WebhookOptions } from './webhook-options.js'
import type { WebhookSource } from './webhook-source.js'

/** Returns a rollout whose events are emitted by the test. */
function rollout(given: Partial<WebhookSource> = {}) {
  const { on, emit } = createEmitter<CanaryEvents>(() => {})
  const report = vi.fn<(error: CanaryError) => void>()
  const alert = (message: string) => emit('alert', { at: 0, about: 'hold', message })
  return { emit, alert, report, source: { on, status: () => status, report, ...given } satisfies WebhookSource }
}

function make(url: string, given: Partial<WebhookOptions> = {}) {
  const clock = watchedClock()
  return { clock, hook: webhook({ url, clock, random: () => 0.5, ...given }) }
}

const bodies = ({ received }: Receiver) => received.map(({ body }) => JSON.parse(body))
const texts = (to: Receiver) => bodies(to).map(({ data }) => data.message ?? data.reason ?? data.to)
const countsOf = ({ delivered, failed, dropped, pending }: ReturnType<typeof webhook>) => ({
  delivered,
  failed,
  dropped,
  pending,
})

describe('a webhook', () => {
  it('sends the chosen events in order, and counts them', async () => {
    const to = await receiver()
    const { hook } = make(to.url)
    const { emit, source } = rollout()
    hook.attach(source)
    emit('decision', decision())
    emit('step', { epoch: 3, from: 1, to: 2, weight: 25 })
    emit('alert', { at: 0, about: 'stall', message: 'it stands still' })
    emit('internal-error', { at: 0, code: 'STORE_FAILED', error: new CanaryError('STORE_FAILED', ''), count: 1 })
    emit('rolled-back', { epoch: 3, reason: 'it broke' })
    emit('promoted', { epoch: 3, reason: 'it was good' })
    expect(countsOf(hook)).toEqual({ delivered: 0, failed: 0, dropped: 0, pending: 4 })
    await until(() => hook.delivered === 4)
    expect(texts(to)).toEqual([2, 'it stands still', 'it broke', 'it was good'])
    expect(countsOf(hook)).toEqual({ delivered: 4, failed: 0, dropped: 0, pending: 0 })
  })

  it('sends one message at a time, the later ones after the retries of the first', async () => {
    let underWay = 0
    let most = 0
    const to = await receiver((response, count) => {
      most = Math.max(most, (underWay += 1))
      setImmediate(() => {
        underWay -= 1
        response.writeHead(count === 1 ? 503 : 204).end()
      })
    })
    const { hook, clock } = make(to.url)
    const { alert, source } = rollout()
    hook.attach(source)
    for (const message of ['a', 'b', 'c']) alert(message)
    await clock.scheduled(500)
    expect(countsOf(hook)).toMatchObject({ delivered: 0, pending: 3 })
    await clock.manual.advance(500)
    await until(() => hook.delivered === 3)
    expect([texts(to), most]).toEqual([['a', 'a', 'b', 'c'], 1])
  })

  it('does not send before the code that emitted the event has gone on', async () => {
    const to = await receiver()
    const format = vi.fn(() => 'x')
    const { hook } = make(to.url, { format })
    const { alert, source } = rollout()
    hook.attach(source)
    alert('a')
    expect(format).not.toHaveBeenCalled()
    await until(() => hook.delivered === 1)
    expect(format).toHaveBeenCalledTimes(1)
  })

  it('leaves out holds unless holds is true', async () => {
    const to = await receiver()
    const without = make(to.url, { events: ['decision'] })
    const withHolds = make(to.url, { events: ['decision'], holds: true })
    const { emit, source } = rollout()
    without.hook.attach(source)
    withHolds.hook.attach(source)
    emit('decision', { ...decision(), action: 'hold' })
    emit('decision', decision())
    await until(() => without.hook.delivered === 1 && withHolds.hook.delivered === 2)
  })

  it('sends the format of Slack', async () => {
    const to = await receiver()
    const { hook } = make(to.url, { format: 'slack' })
    const { alert, source } = rollout()
    hook.attach(source)
    alert('<!channel>')
    await until(() => hook.delivered === 1)
    expect(bodies(to)).toEqual([{ text: expect.stringMatching(/&lt;!channel&gt;$/), blocks: expect.any(Array) }])
  })

  it('sends nothing more about a detached rollout, and goes on with the others', async () => {
    const to = await receiver()
    const { hook } = make(to.url)
    const [one, other] = [rollout(), rollout()]
    const detach = hook.attach(one.source)
    hook.attach(other.source)
    detach()
    detach()
    one.alert('unheard')
    other.alert('heard')
    await until(() => hook.delivered === 1)
    expect(texts(to)).toEqual(['heard'])
  })
})

describe('a failure', () => {
  it('is counted and reported, and the next message goes on', async () => {
    const to = await receiver(statuses(400, 204))
    const { hook } = make(to.url)
    const { alert, source, report } = rollout()
    hook.attach(source)
    alert('a')
    alert('b')
    await until(() => hook.delivered === 1)
    expect(countsOf(hook)).toMatchObject({ failed: 1, dropped: 0 })
    expect(report.mock.calls).toEqual([[expect.objectContaining({ code: 'WEBHOOK_FAILED' })]])
  })

  it('does not need a report function', async () => {
    const to = await receiver(statuses(400))
    const { hook } = make(to.url)
    const { on, status } = rollout().source
    const { on: silent, emit } = createEmitter<CanaryEvents>(() => {})
    expect(on).toBeDefined()
    hook.attach({ on: silent, status })
    emit('promoted', { epoch: 3, reason: '' })
    await until(() => hook.failed === 1)
  })

  it('of a webhook is not sent by a webhook', async () => {
    const to = await receiver()
    const { hook } = make(to.url, { events: ['internal-error'] })
    const { emit, source } = rollout()
    hook.attach(source)
    for (const code of ['WEBHOOK_FAILED', 'STORE_FAILED'] as const) {
      emit('internal-error', { at: 0, code, error: new CanaryError(code, 'down'), count: 1 })
    }
    await until(() => hook.delivered === 1)
    expect(texts(to)).toEqual(['[STORE_FAILED] down'])
  })

  const throws = (): never => {
    throw new Error('broken')
  }
  it.each([
    ['a format that throws', { format: throws }, {}],
    ['a format that promises', { format: async () => throws() }, {}],
    ['a chance that throws', { random: throws }, {}],
    ['a status that throws', {}, { status: throws }],
    ['a report that throws', {}, { report: throws }],
  ])('of %s does not fail a request', async (_what, options, given) => {
    const to = await receiver(statuses(503, 204))
    const retries = 'random' in options ? 5 : 0
    const { hook } = make(to.url, { retries, ...options })
    const { source, report } = rollout(given)
    const failures = vi.fn()
    const { on, emit } = createEmitter<CanaryEvents>(failures)
    hook.attach({ ...source, on })
    const unhandled = await unhandledIn(async () => {
      emit('rolled-back', { epoch: 3, reason: '' })
      await until(() => hook.failed === 1)
    })
    expect([unhandled, failures.mock.calls]).toEqual([[], []])
    if (!('report' in given)) expect(report).toHaveBeenCalledTimes(1)
  })
})

describe('a full queue', () => {
  it('drops the oldest message that is not about an end, and counts it', async () => {
    let release = () => {}
    const to = await receiver((response) => (release = () => response.writeHead(204).end()))
    const { hook } = make(to.url, { queueSize: 2 })
    const { alert, emit, source, report } = rollout()
    hook.attach(source)
    alert('under way')
    await until(() => to.received.length === 1)
    alert('oldest')
    emit('rolled-back', { epoch: 3, reason: 'the end' })
    expect(hook.dropped).toBe(0)
    alert('newer')
    alert('newest')
    expect(countsOf(hook)).toEqual({ delivered: 0, failed: 0, dropped: 2, pending: 3 })
    expect(report).toHaveBeenCalledTimes(2)
    expect(report.mock.lastCall![0].message).toMatch(
      /^\[WEBHOOK_FAILED\] a message of "alert" was dropped: the queue is full with 2 messages/,
    )
    to.answer = statuses(204)
    release()
    await until(() => hook.delivered === 3)
    expect(texts(to)).toEqual(['under way', 'the end', 'newest'])
  })
})

describe('close', () => {
  it('waits for queued messages', async () => {
    const to = await receiver()
    const { hook, clock } = make(to.url)
    const { alert, source } = rollout()
    hook.attach(source)
    alert('a')
    alert('b')
    const closed = hook.close()
    alert('unheard')
    await closed
    expect([texts(to), clock.manual.pending]).toEqual([['a', 'b'], 0])
    expect(countsOf(hook)).toEqual({ delivered: 2, failed: 0, dropped: 0, pending: 0 })
  })

  it('waits two seconds for a receiver that hangs, and gives up the rest', async () => {
    const to = await receiver(() => {})
    const { hook, clock } = make(to.url)
    const { alert, source, report } = rollout()
    hook.attach(source)
    for (const message of ['a', 'b', 'c']) alert(message)
    await until(() => to.received.length === 1)
    let isClosed = false
    const unhandled = await unhandledIn(async () => {
      const closed = hook.close().then(() => (isClosed = true))
      await clock.manual.advance(1_999)
      expect(isClosed).toBe(false)
      await clock.manual.advance(1)
      await closed
    })
    expect(countsOf(hook)).toEqual({ delivered: 0, failed: 1, dropped: 2, pending: 0 })
    expect([unhandled, report.mock.calls.length, clock.manual.pending]).toEqual([[], 3, 0])
  })

  it('gives up a pending attempt when its own time is up', async () => {
    const to = await receiver(statuses(503))
    const { hook, clock } = make(to.url)
    const { alert, source } = rollout()
    hook.attach(source)
    alert('a')
    await clock.scheduled(500)
    const closed = hook.close({ timeoutMs: 100 })
    await clock.manual.advance(100)
    await closed
    expect([countsOf(hook).failed, to.received.length, clock.manual.pending]).toEqual([1, 1, 0])
  })

  it('is idempotent, and nothing can be attached after it', async () => {
    const { hook, clock } = make((await receiver()).url)
    await Promise.all([hook.close(), hook.close()])
    await hook.close()
    expect(clock.manual.pending).toBe(0)
    expect(() => hook.attach(rollout().source)).toThrowError(expect.objectContaining({ code: 'CLOSED' }))
  })

  it('keeps the process alive while it waits, and nothing else does', async () => {
    const { hook, clock } = make((await receiver()).url)
    await hook.close()
    expect(clock.keptAlive).toEqual([2_000])
  })

  it('refuses a time of NaN, and does not close then', async () => {
    const { hook } = make((await receiver()).url)
    await expect(hook.close({ timeoutMs: Number.NaN })).rejects.toMatchObject({ code: 'INVALID_OPTION' })
    expect(() => hook.attach(rollout().source)).not.toThrow()
  })
})

describe('options', () => {
  it.each([
    ['an option that nobody reads', { event: ['step'] }, 'UNKNOWN_OPTION'],
    ['an event that there is not', { events: ['rollback'] }, 'INVALID_OPTION'],
    ['no events', { events: [] }, 'INVALID_OPTION'],
    ['a format that there is not', { format: 'teams' }, 'INVALID_OPTION'],
    ['holds of a word', { holds: 'yes' }, 'INVALID_OPTION'],
    ['half a try', { retries: 0.5 }, 'INVALID_OPTION'],
    ['tries of NaN', { retries: Number.NaN }, 'INVALID_OPTION'],
    ['a queue for nothing', { queueSize: 0 }, 'INVALID_OPTION'],
    ['a chance that is no function', { random: 0.5 }, 'INVALID_OPTION'],
    ['no address', { url: undefined }, 'INVALID_OPTION'],
  ])('refuse %s', (_what, given, code) => {
    const options = { url: 'http://127.0.0.1', ...given } as WebhookOptions
    expect(() => webhook(options)).toThrowError(expect.objectContaining({ code }))
  })

  it('refuse to attach an object without events', () => {
    const { hook } = make('http://127.0.0.1')
    expect(() => hook.attach({} as never)).toThrowError(expect.objectContaining({ code: 'INVALID_OPTION' }))
  })
})
