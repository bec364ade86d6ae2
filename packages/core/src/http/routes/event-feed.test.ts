import { describe, expect, it, vi } from 'vitest'
import { stage } from '../../serving/stage.fixture.js'
import { createRoutes } from './create-routes.js'
import { cursorOf, decisionsAfter, eventIdOf } from './event-cursor.js'
import type { CanaryRoutesOptions } from './route-options.js'
import { keptResponse } from './stream.fixture.js'

/** Starts a canary whose events can be read. */
async function watched(options: CanaryRoutesOptions<string> = {}, canaryOptions = {}) {
  const staged = await stage(canaryOptions)
  const routes = createRoutes(staged.canary, options, staged.clock)
  const ask = (headers: Record<string, string> = {}, method = 'GET') =>
    routes({
      method,
      path: '/events',
      query: new URLSearchParams(),
      headers,
      request: 'request',
      body: async () => undefined,
    })
  const open = async (lastEventId?: string) => {
    const response = keptResponse()
    const answer = await ask(lastEventId === undefined ? {} : { 'last-event-id': lastEventId })
    answer?.stream?.(response)
    await staged.clock.advance(0)
    return response
  }
  return { ...staged, ask, open }
}

const kinds = (response: ReturnType<typeof keptResponse>) => response.events().map(({ event }) => event)

describe('a stream of events', () => {
  it('begins with the status, in the form of server-sent events', async () => {
    const { canary, open } = await watched()
    const response = await open()
    expect(response.head).toEqual({
      status: 200,
      headers: {
        'cache-control': 'no-store, no-transform',
        connection: 'close',
        'content-type': 'text/event-stream; charset=utf-8',
        'x-accel-buffering': 'no',
        'x-content-type-options': 'nosniff',
      },
    })
    expect(response.text).toMatch(/^retry: 2000\n\nid: \d+-\d+\nevent: status\ndata: /)
    expect(response.events()[0]?.data).toMatchObject({
      name: 'stage',
      state: 'progressing',
      explanation: canary.explain(),
    })
  })

  it('has no header of a connection in HTTP/2, which forbids it', async () => {
    const { ask } = await watched()
    const response = Object.assign(keptResponse(), { stream: {} })
    ;(await ask())?.stream?.(response)
    expect(response.head?.headers).not.toHaveProperty('connection')
  })

  it('tells a decision of this process at once, and then the new status', async () => {
    const { canary, clock, open } = await watched()
    const response = await open()
    await canary.pause({ reason: 'lunch', actor: 'ann' })
    await clock.advance(0)
    expect(kinds(response)).toEqual(['status', 'decision', 'status'])
    const [, decision, status] = response.events()
    const [newest] = await canary.history()
    expect(decision?.data).toEqual(newest)
    expect(decision?.id).toBe(eventIdOf(newest!))
    expect([status?.id, status?.data.state]).toEqual([decision?.id, 'paused'])
  })

  it('tells a new status each second while something changes, and nothing while nothing does', async () => {
    const { canary, clock, open } = await watched()
    const response = await open()
    for (let second = 0; second < 5; second += 1) await clock.advance(1_000)
    expect(kinds(response)).toHaveLength(6) // the time in the step goes on
    await canary.rollback()
    await clock.advance(2_000)
    const { length } = kinds(response)
    await clock.advance(10_000)
    expect(kinds(response)).toHaveLength(length)
  })

  it('tells alerts, without the words of other people’s errors', async () => {
    const run = () => Promise.reject(new Error('no route to 10.0.0.7'))
    const { canary, clock, open } = await watched({}, { warmUp: { durationMs: 0, run } })
    const response = await open()
    const alerts: string[] = []
    canary.on('alert', ({ about }) => alerts.push(about))
    await canary.retry()
    await clock.advance(1_000)
    const told = response.events().filter(({ event }) => event === 'alert')
    expect(told.map(({ data }) => data.about)).toEqual(alerts)
    expect(response.text).not.toContain('10.0.0.7')
  })

  it('sends heartbeats through silent proxies', async () => {
    const { canary, clock, open } = await watched()
    await canary.rollback()
    const response = await open()
    await clock.advance(31_000)
    expect(response.text.split('\n\n').filter((line) => line === ':')).toHaveLength(2)
  })

  it('answers a HEAD without one', async () => {
    const { ask } = await watched()
    const answer = await ask({}, 'HEAD')
    expect(answer).toMatchObject({ status: 200, contentType: 'text/event-stream; charset=utf-8' })
    expect(answer).not.toHaveProperty('stream')
  })
})

describe('the words of other people’s errors', () => {
  it.each([true, false])('are shown by the rights of each client: %j', async (isTrusted) => {
    const { canary, clock, open } = await watched({ authorize: () => isTrusted })
    const response = await open()
    await canary.pause({ reason: 'it failed: no route to redis://u:hunter2@10.0.0.7' })
    await clock.advance(1_000)
    expect(response.text.includes('10.0.0.7')).toBe(isTrusted)
    expect(response.text).not.toContain('hunter2')
    expect(kinds(response)).toContain('decision')
  })
})

describe('a client that comes back', () => {
  it('gets what it missed, oldest first, once', async () => {
    const { canary, open } = await watched()
    const first = await open()
    const seen = first.events().at(-1)!.id
    first.leave()
    await canary.pause({ reason: 'one' })
    await canary.resume({ reason: 'two' })
    const again = await open(seen)
    expect(kinds(again)).toEqual(['decision', 'decision', 'status'])
    expect(
      again
        .events()
        .slice(0, 2)
        .map(({ data }) => data.reason),
    ).toEqual(['one', 'two'])
    expect(kinds(await open(again.events().at(-1)!.id))).toEqual(['status'])
  })

  it.each(['77-1', '1-1', 'x', '', '1-1-1', '-1-0', '9'.repeat(1_000)])(
    'is told to read all again for the id %j',
    async (id) => {
      const { open } = await watched()
      expect(kinds(await open(id))).toEqual(['reset', 'status'])
    },
  )

  it('is told to read all again if the history no longer reaches back', async () => {
    const { canary, open } = await watched({}, { historySize: 2 })
    const seen = (await open()).events().at(-1)!.id
    for (const reason of ['one', 'two', 'three']) await canary.pause({ reason })
    expect(kinds(await open(seen))).toEqual(['reset', 'status'])
  })
})

describe('the clients', () => {
  it('cost nothing while there are none, and one look for all', async () => {
    const { canary, clock, open } = await watched()
    const before = clock.pending
    const history = vi.spyOn(canary, 'history')
    const responses = [await open(), await open(), await open()]
    expect(clock.pending).toBe(before + 1)
    history.mockClear()
    await clock.advance(10_000)
    for (const response of responses) response.leave()
    expect(clock.pending).toBe(before)
    await canary.pause()
    await clock.advance(10_000)
    expect(responses.map((response) => kinds(response).length)).toEqual([11, 11, 11])
  })

  it('are 200 at most', async () => {
    const { ask, open } = await watched()
    const responses = await Promise.all(Array.from({ length: 202 }, () => open()))
    expect(
      responses
        .map(({ head }) => head?.status)
        .sort()
        .slice(-3),
    ).toEqual([200, 503, 503])
    expect(await ask()).toMatchObject({ status: 503, headers: { 'retry-after': '10' } })
    responses[0]!.leave()
    expect(await ask()).toMatchObject({ status: 200 })
  })

  it('that do not read get no new status, and are disconnected in the end', async () => {
    const { canary, clock, open } = await watched()
    const [slow, quick] = [await open(), await open()]
    slow.isStuck = true
    for (let second = 0; second < 100; second += 1) await clock.advance(1_000)
    expect(slow.writableLength).toBeLessThan(100_000)
    expect(kinds(quick).filter((kind) => kind === 'status').length).toBeGreaterThan(100)
    for (let at = 0; at < 2_000 && !slow.isDestroyed; at += 1) {
      await canary.pause({ reason: `${'x'.repeat(400)} ${at}` })
      await canary.resume()
      await clock.advance(0)
    }
    expect(slow.isDestroyed).toBe(true)
    expect(slow.writableLength).toBeLessThan(1_200_000)
    expect(quick.isDestroyed).toBe(false)
  })

  it('whose response is gone disturb no other', async () => {
    const { canary, clock, open } = await watched()
    const [gone, other] = [await open(), await open()]
    gone.isBroken = true
    await canary.pause()
    await clock.advance(1_000)
    expect(kinds(other)).toContain('decision')
    expect(canary.status().internalErrors).toEqual({})
  })

  it('whose response is gone from the beginning leave nothing behind', async () => {
    const { ask, clock } = await watched()
    const before = clock.pending
    const gone = keptResponse()
    gone.isBroken = true
    ;(await ask())?.stream?.(gone)
    await clock.advance(0)
    expect(clock.pending).toBe(before)
  })

  it('connect again after ten minutes, so that authorize is asked again', async () => {
    const { clock, open } = await watched()
    const response = await open()
    await clock.advance(599_000)
    expect(response.isEnded).toBe(false)
    await clock.advance(2_000)
    expect(response.isEnded).toBe(true)
  })

  it('do not keep a server from closing', async () => {
    const { clock, open } = await watched()
    const response = await open()
    response.socket.server.listening = false
    await clock.advance(1_000)
    expect(response.isEnded).toBe(true)
  })
})

describe('a cursor', () => {
  const decision = (sequence: number, at = sequence) => ({ sequence, at }) as never
  const history = [decision(5), decision(4), decision(3)]

  it('leads to the decisions after it, oldest first', () => {
    expect(decisionsAfter(history, { sequence: 3, at: 3 })).toEqual([decision(4), decision(5)])
    expect(decisionsAfter(history, { sequence: 5, at: 5 })).toEqual([])
    expect(decisionsAfter([decision(2), decision(1)], { sequence: 0, at: 0 })).toEqual([decision(1), decision(2)])
    expect(decisionsAfter([], { sequence: 0, at: 0 })).toEqual([])
  })

  it('leads nowhere if its decision is not kept, or another one has its number', () => {
    expect(decisionsAfter(history, { sequence: 2, at: 2 })).toBe(undefined)
    expect(decisionsAfter(history, { sequence: 6, at: 6 })).toBe(undefined)
    expect(decisionsAfter(history, { sequence: 4, at: 9 })).toBe(undefined)
    expect(decisionsAfter(history, { sequence: 0, at: 0 })).toBe(undefined)
  })

  it('can be read from its id', () => {
    expect(cursorOf(eventIdOf({ sequence: 12, at: 1_767_225_600_000 }))).toEqual({
      sequence: 12,
      at: 1_767_225_600_000,
    })
  })
})
