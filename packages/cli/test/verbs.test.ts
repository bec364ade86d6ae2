import { sharedMemoryStore } from '@model-canary/core/controller'
import { describe, expect, it } from 'vitest'
import { ran } from './run.fixture.js'
import { type Interference, service, TOKEN } from './service.fixture.js'

const env = { MODEL_CANARY_TOKEN: TOKEN }
const allowed = (...args: readonly string[]) => ran(args, { env })

/** Carries the request out, and loses the answer. */
const losing: Interference = async (request, response, pass) => {
  const { end } = response
  response.write = () => true
  response.end = () => response.destroy()
  await pass()
  response.end = end
  request.destroy()
}

const cut: Interference = (request) => request.destroy()

describe('the verbs of model-canary', () => {
  it('promote from the step that the service is at, with a reason', async () => {
    const { url, canary, requests } = await service()
    const { code, stdout, stderr } = await allowed('promote', url, '--reason', 'looks good')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/^promote: sentiment is progressing, step 2 of 3, epoch 1\n/)
    const [decision] = await canary.history()
    expect(decision).toMatchObject({ action: 'advance', reason: expect.stringContaining('looks good'), actor: 'ada' })
    expect(requests.map(({ line }) => line)).toEqual(['GET /canary/status', 'POST /canary/promote'])
  })

  it('promote not from another step than the one that was seen', async () => {
    const { url, canary } = await service()
    for (const seen of ['2', '1/7']) {
      expect(await allowed('promote', url, '--expect', seen)).toMatchObject({
        code: 6,
        stdout: '',
        stderr: expect.stringMatching(/expected step/),
      })
    }
    expect(canary.status().step).toBe(1)
    expect(await allowed('promote', url, '--expect', '1/1')).toMatchObject({ code: 0 })
  })

  it('roll back without asking for the status first', async () => {
    const { url, canary, requests } = await service()
    expect(await allowed('rollback', url, '--reason', 'wrong labels')).toMatchObject({ code: 0 })
    expect(canary.status()).toMatchObject({ state: 'rolled-back', reason: expect.stringContaining('wrong labels') })
    expect(requests.map(({ line }) => line)).toEqual(['POST /canary/rollback'])
  })

  it('pause for a while, resume, disable, enable, and retry', async () => {
    const { url, canary } = await service()
    const states: unknown[] = []
    for (const [verb, ...args] of [
      ['pause', '--for', '30m'],
      ['resume'],
      ['disable'],
      ['enable'],
      ['promote', '--full'],
      ['rollback'],
      ['retry', '--from-step', '2'],
    ]) {
      expect(await allowed(verb!, url, ...args)).toMatchObject({ code: 0, stderr: '' })
      const { state, enabled, epoch } = canary.status()
      states.push([verb, state, enabled, epoch])
    }
    expect(states).toEqual([
      ['pause', 'paused', true, 1],
      ['resume', 'progressing', true, 1],
      ['disable', 'progressing', false, 1],
      ['enable', 'progressing', true, 1],
      ['promote', expect.stringMatching(/baking|promoted/), true, 1],
      ['rollback', 'rolled-back', true, 1],
      ['retry', 'progressing', true, 2],
    ])
  })

  it('are carried out once although the answer is lost twice', async () => {
    const { url, canary, requests, interfere } = await service()
    interfere((_request, _response, pass) => pass(), losing, cut)
    const { code, stderr } = await allowed('promote', url)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(canary.status().step).toBe(2)
    const verbs = requests.filter(({ line }) => line === 'POST /canary/promote')
    expect(verbs).toHaveLength(3)
    expect(new Set(verbs.map(({ headers }) => headers['idempotency-key'])).size).toBe(1)
    expect((await canary.history())[0]?.idempotencyKey).toBe(verbs[0]?.headers['idempotency-key'])
  })

  it('are sent again after an answer of a proxy, and not after one of the service', async () => {
    const { url, requests, interfere } = await service()
    const proxy: Interference = (_request, response) => response.writeHead(502).end('<html>')
    const inJson: Interference = (_request, response) =>
      response.writeHead(503).end('{"message":"no healthy upstream"}')
    const ours: Interference = (_request, response) =>
      response.writeHead(503).end('{"error":{"code":"STORE_FAILED","message":"the store is down"}}')
    interfere(proxy, inJson)
    expect(await allowed('pause', url)).toMatchObject({ code: 0 })
    expect(requests).toHaveLength(3)
    interfere(ours)
    expect(await allowed('pause', url, '--idempotency-key', 'k-1')).toMatchObject({
      code: 3,
      stderr: 'the store is down; it may have been carried out; --idempotency-key k-1 sends the same one again\n',
    })
    expect(requests).toHaveLength(4)
  })

  it('say with which key to send the same again if no answer comes at all', async () => {
    const { url, interfere } = await service()
    interfere(...Array.from({ length: 50 }, () => cut))
    const { code, stderr } = await allowed('rollback', url, '--timeout', '700ms', '--idempotency-key', 'k-1')
    expect(code).toBe(3)
    expect(stderr).toMatch(/may have been carried out; --idempotency-key k-1/)
  })

  it('end with 5 if they are not allowed, and 6 if the state does not allow them', async () => {
    const { url } = await service()
    expect(await ran(['rollback', url])).toMatchObject({ code: 5 })
    expect(await ran(['rollback', url], { env: { MODEL_CANARY_TOKEN: 'no' } })).toMatchObject({ code: 5 })
    const { code, stdout } = await allowed('retry', url, '--json')
    expect(code).toBe(6)
    expect(JSON.parse(stdout)).toMatchObject({
      error: { code: 'STILL_LIVE' },
      exit: 6,
      answer: { status: { state: 'progressing' } },
    })
  })

  it('end with 130 and the key if they are interrupted', async () => {
    const { url, interfere } = await service()
    const interruption = new AbortController()
    interfere(() => interruption.abort())
    const { code, stderr } = await ran(['rollback', url, '--idempotency-key', 'k-2'], {
      env,
      interrupted: interruption.signal,
    })
    expect(code).toBe(130)
    expect(stderr).toContain('k-2')
  })

  it('wait until all processes apply them', async () => {
    const store = sharedMemoryStore()
    const { url } = await service({ canary: { store } })
    await service({ canary: { store } })
    const { code, stdout } = await allowed('rollback', url)
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/applied by 2 of 2 processes/) })
  })

  it('end with 4 if not all processes apply them in time, and not with --no-wait', async () => {
    const { url, interfere } = await service()
    const answer = { name: 'a', state: 'rolled-back', weight: 0, step: 1, epoch: 1, reached: 1, of: 3 }
    const alone: Interference = (_request, response) => response.writeHead(200).end(JSON.stringify(answer))
    const spread: Interference = (_request, response) =>
      response.writeHead(200).end(JSON.stringify({ ...answer, members: { count: 3, upToDate: 2 } }))
    interfere(alone, spread)
    expect(await allowed('rollback', url, '--timeout', '2500ms')).toMatchObject({
      code: 4,
      stdout: expect.stringContaining('applied by 2 of 3 processes'),
    })
    interfere(alone)
    expect(await allowed('rollback', url, '--no-wait')).toMatchObject({ code: 0 })
  })

  it.each([
    [['promote', 'http://localhost', '--expect', 'two'], /STEP|step and an epoch/],
    [['rollback', 'http://localhost', '--expect', '2'], /unknown option '--expect'/],
    [['pause', 'http://localhost', '--for', '1000d'], /at most 366d/],
    [['retry', 'http://localhost', '--from-step', '0'], /whole number from 1/],
  ])('end with 2 for %j', async (args, message) => {
    expect(await ran(args)).toMatchObject({ code: 2, stderr: expect.stringMatching(message) })
  })
})
