import type { Clock } from '@model-canary/core'
import { manualClock } from '@model-canary/testing'
import { describe, expect, it } from 'vitest'
import { connect, errorOf, stage } from './call.fixture.js'
import { createKube } from './create-kube.js'
import { hurriedClock } from './hurried-clock.fixture.js'
import { eventually } from './patience.fixture.js'
import { ADDRESS, objectAt, type Respond, sendJson } from './server.fixture.js'

describe('further tries', () => {
  it('retries passing failures with growing pauses', async () => {
    const { clock, kube } = await stage((response, _, nth) => sendJson(response, nth < 7 ? 503 : 200, objectAt('7')), {
      retries: 7,
    })
    expect(await kube.get(ADDRESS)).toEqual(objectAt('7'))
    expect(clock.pauses).toEqual([100, 200, 400, 800, 1_600, 2_500, 2_500])
  })

  it('spreads the pauses up to their bound', async () => {
    const draws = [0, 0.999, 0.25]
    const { clock, kube } = await stage((response) => sendJson(response, 503, {}), { random: () => draws.shift() ?? 0 })
    await errorOf(kube.get(ADDRESS))
    expect(clock.pauses).toEqual([100, 399.6, 200])
  })

  it('makes one attempt with retries: 0', async () => {
    const { server, kube } = await stage((response) => sendJson(response, 503, {}), { retries: 0 })
    await errorOf(kube.get(ADDRESS))
    expect(server.requests.length).toBe(1)
  })

  it.each([
    ['7', 7_000],
    ['0', 100],
    ['3600', 30_000],
    ['nonsense', 100],
    ['-5', 100],
  ])('waits as long as Retry-After: %s asks, within bounds', async (header, pauseMs) => {
    const { clock, kube } = await stage((response, _, nth) =>
      sendJson(response, nth === 0 ? 429 : 200, objectAt('7'), { 'retry-after': header }),
    )
    await kube.get(ADDRESS)
    expect(clock.pauses).toEqual([pauseMs])
  })

  it('sends a patch again when the connection is cut before the answer', async () => {
    const { server, kube } = await stage((response, _, nth) =>
      nth === 0 ? response.destroy() : sendJson(response, 200, objectAt('8')),
    )
    expect(await kube.mergePatch(ADDRESS, { spec: {} })).toEqual(objectAt('8'))
    expect(server.requests.map(({ body }) => body)).toEqual(['{"spec":{}}', '{"spec":{}}'])
  })

  it('retries if the connection is cut within the answer', async () => {
    const { server, kube } = await stage((response, _, nth) => {
      if (nth > 0) return sendJson(response, 200, objectAt('7'))
      response.writeHead(200, { 'content-length': 1_000 }).write('{"apiVersion"', () => response.destroy())
    })
    expect(await kube.get(ADDRESS)).toEqual(objectAt('7'))
    expect(server.requests.length).toBe(2)
  })

  it('does not create again what the server may have created', async () => {
    const cut = await stage((response) => response.destroy())
    expect(await errorOf(cut.kube.create(ADDRESS, {}))).toMatchObject({ code: 'KUBE_UNREACHABLE' })
    const failed = await stage((response) => sendJson(response, 500, {}))
    await errorOf(failed.kube.create(ADDRESS, {}))
    expect([cut.server.requests.length, failed.server.requests.length]).toEqual([1, 1])
  })

  it('creates again what the server has certainly not created', async () => {
    const { server, kube } = await stage((response, _, nth) => sendJson(response, nth === 0 ? 429 : 201, objectAt('1')))
    expect(await kube.create(ADDRESS, {})).toEqual(objectAt('1'))
    expect(server.requests.length).toBe(2)
  })

  it('reports a missing server as unreachable after the last attempt', async () => {
    const clock = hurriedClock()
    const elsewhere = createKube(connect('http://127.0.0.1:1'), { clock, random: () => 0.5, timeoutMs: 60_000 })
    const error = await errorOf(elsewhere.create(ADDRESS, {}))
    expect(error).toMatchObject({ code: 'KUBE_UNREACHABLE', message: expect.stringContaining('ECONNREFUSED') })
    expect(clock.pauses).toEqual([100, 200, 400])
  })
})

describe('time and signals', () => {
  const onManualClock = async (respond: Respond) => {
    const clock = manualClock()
    const { server, kube } = await stage(respond, { clock, timeoutMs: 10_000, retries: 0 })
    return { clock, server, kube }
  }

  it('gives up a server that does not answer in time', async () => {
    const { clock, server, kube } = await onManualClock(() => {})
    const error = errorOf(kube.get(ADDRESS))
    await eventually(() => server.requests.length).toBe(1)
    await clock.advance(9_999)
    expect(server.sockets[0]?.destroyed).toBe(false)
    await clock.advance(1)
    expect(await error).toMatchObject({ code: 'KUBE_UNREACHABLE', message: expect.stringContaining('10000 ms') })
    await eventually(() => server.sockets[0]?.destroyed).toBe(true)
    expect(clock.pending).toBe(0)
  })

  it('gives up an answer that does not end in time', async () => {
    const { clock, server, kube } = await onManualClock((response) => response.writeHead(200).write('{"api'))
    const error = errorOf(kube.get(ADDRESS))
    await eventually(() => server.requests.length).toBe(1)
    await clock.advance(10_000)
    expect(await error).toMatchObject({ code: 'KUBE_UNREACHABLE' })
  })

  it('leaves no timer behind', async () => {
    const { clock, kube } = await onManualClock((response) => sendJson(response, 200, objectAt('7')))
    await kube.get(ADDRESS)
    expect(clock.pending).toBe(0)
  })

  it('sends nothing with a signal that is already aborted', async () => {
    const { server, kube } = await stage((response) => sendJson(response, 200, objectAt('7')))
    expect(await errorOf(kube.get(ADDRESS, AbortSignal.abort('enough')))).toBe('enough')
    expect(server.requests.length).toBe(0)
  })

  it('stops a request immediately, and rejects with the reason', async () => {
    const { server, kube } = await stage(() => {})
    const stop = new AbortController()
    const error = errorOf(kube.get(ADDRESS, stop.signal))
    await eventually(() => server.requests.length).toBe(1)
    const reason = new Error('the rollout ended')
    stop.abort(reason)
    expect(await error).toBe(reason)
    await eventually(() => server.sockets[0]?.destroyed).toBe(true)
  })

  it('stops within an answer immediately', async () => {
    const { server, kube } = await stage((response) => response.writeHead(200).write('{"api'))
    const stop = new AbortController()
    const error = errorOf(kube.get(ADDRESS, stop.signal))
    await eventually(() => server.requests.length).toBe(1)
    stop.abort('enough')
    expect(await error).toBe('enough')
  })

  it('stops between two attempts immediately', async () => {
    const clock = manualClock()
    const delays: number[] = []
    const schedule: Clock['schedule'] = (delayMs, task) => {
      delays.push(delayMs)
      return clock.schedule(delayMs, task)
    }
    const { kube } = await stage((response) => sendJson(response, 503, {}), {
      clock: { ...clock, schedule },
      timeoutMs: 10_000,
    })
    const stop = new AbortController()
    const error = errorOf(kube.get(ADDRESS, stop.signal))
    await eventually(() => delays).toEqual([10_000, 100]) // the time limit of the try, then the pause
    stop.abort('enough')
    expect(await error).toBe('enough')
    expect(clock.pending).toBe(0)
  })

  it('stops waiting for credentials immediately', async () => {
    const { server } = await stage(() => {})
    const kube = createKube({ server: server.url, credentials: () => new Promise(() => {}) })
    const stop = new AbortController()
    const error = errorOf(kube.get(ADDRESS, stop.signal))
    stop.abort('enough')
    expect(await error).toBe('enough')
  })
})
