import { describe, expect, it } from 'vitest'
import { ran } from './run.fixture.js'
import { type Interference, service, TOKEN } from './service.fixture.js'

const refuse: Interference = (request) => request.destroy()
/** Takes the stream of events, and passes nothing on. */
const buffering: Interference = (_request, response) =>
  response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders()
const pass: Interference = (_request, _response, go) => go()

describe('model-canary wait', () => {
  it('ends with 0 and the last status when the rollout is promoted', async () => {
    const { url, canary, requests } = await service({ canary: { bake: { durationMs: 0 } } })
    const waiting = ran(['wait', url])
    await expect.poll(() => requests.map(({ line }) => line)).toContain('GET /canary/events')
    await canary.promote({ full: true })
    const { code, stdout, stderr } = await waiting
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/^state {7}promoted/m)
    expect(stdout).toMatch(/\npromoted: v2\n$/)
  })

  it('ends with 1 and the reason when it is rolled back', async () => {
    const { url, canary } = await service()
    await canary.rollback({ reason: 'wrong labels' })
    const { code, stdout } = await ran(['wait', url, '--json'])
    expect(code).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({
      end: expect.stringContaining('wrong labels'),
      exit: 1,
      status: { state: 'rolled-back' },
    })
  })

  it('ends with 4 when the time is up, and 7 if it is paused and asked to', async () => {
    const { url, canary } = await service()
    expect(await ran(['wait', url, '--timeout', '300ms'])).toMatchObject({
      code: 4,
      stdout: expect.stringMatching(/progressing[\s\S]*the time is up\n$/),
    })
    await canary.pause()
    expect(await ran(['wait', url, '--fail-on-hold'])).toMatchObject({
      code: 7,
      stdout: expect.stringContaining('the rollout is paused'),
    })
  })

  it('ends with 6 when another rollout has begun unseen', async () => {
    const { url, canary, requests, replace } = await service()
    replace('events', (_request, response) => response.writeHead(404).end())
    const waiting = ran(['wait', url])
    await expect.poll(() => requests.map(({ line }) => line)).toContain('GET /canary/events')
    await canary.rollback()
    await canary.retry()
    expect(await waiting).toMatchObject({
      code: 6,
      stdout: expect.stringMatching(/another rollout has begun: v2, epoch 2/),
    })
  })

  it('ends with 130 if it is interrupted', async () => {
    const { url, requests } = await service()
    const interruption = new AbortController()
    const waiting = ran(['wait', url], { interrupted: interruption.signal })
    await expect.poll(() => requests.map(({ line }) => line)).toContain('GET /canary/events')
    interruption.abort()
    expect(await waiting).toMatchObject({ code: 130 })
  })

  it('ends with 3 when the patience is over, and says before that nothing is heard', async () => {
    const { code, stderr } = await ran(['wait', 'http://127.0.0.1:1', '--patience', '600ms'])
    expect(code).toBe(3)
    expect(stderr.match(/trying again/g)).toHaveLength(1)
  })

  it('goes on after an outage', async () => {
    const { url, canary, interfere } = await service()
    interfere(pass, refuse, refuse, refuse)
    let isHeard = false
    const waiting = ran(['wait', url], {
      onOutput: (text) => {
        isHeard ||= text.includes('heard again')
      },
    })
    await expect.poll(() => isHeard).toBe(true)
    await canary.rollback()
    const { code, stderr } = await waiting
    expect(code).toBe(1)
    expect(stderr).toMatch(/not reachable.*trying again\nheard again\n/)
  })

  it.each([
    ['there is no stream', ((_request, response) => response.writeHead(404).end()) satisfies Interference],
    ['the stream does not come through', buffering],
    [
      'too many read the stream',
      ((_request, response) => response.writeHead(503).end('{"error":{"code":"TOO_MANY"}}')) satisfies Interference,
    ],
  ])('asks again and again where %s', async (_name, events) => {
    const { url, canary, requests, replace } = await service()
    replace('events', events)
    const waiting = ran(['wait', url])
    const looks = () => requests.filter(({ line }) => line === 'GET /canary/status').length
    await expect.poll(looks).toBeGreaterThan(1)
    await canary.rollback()
    expect(await waiting).toMatchObject({ code: 1, stderr: '' })
  })

  it('ends with 5 if the events are not shown to it', async () => {
    const { url } = await service({ routes: { authorizeReads: true, authorize: () => false } })
    expect(await ran(['wait', url], { env: { MODEL_CANARY_TOKEN: TOKEN } })).toMatchObject({ code: 5 })
  })
})
