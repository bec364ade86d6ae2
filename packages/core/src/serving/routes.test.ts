import { describe, expect, it, vi } from 'vitest'
import { CanaryError } from '../errors.js'
import type { IncomingHeaders } from './read-body.js'
import { type CanaryRoutesOptions, createRoutes } from './routes.js'
import { stage } from './stage.fixture.js'

const opened = async (options?: CanaryRoutesOptions<string>) => {
  const staged = await stage()
  const routes = createRoutes(staged.canary, options)
  const ask = (
    method: string,
    url: string,
    body?: unknown,
    headers: IncomingHeaders = body === undefined ? {} : JSON_BODY,
  ) => {
    const [path = '', query] = url.split('?')
    const asked = new URLSearchParams(query)
    return routes({ method, path, query: asked, headers, request: 'request', body: async () => body })
  }
  return { ...staged, ask }
}
const JSON_BODY = { 'content-type': 'application/json', 'content-length': '20' }
const yes = { authorize: () => true }

describe('reading', () => {
  it('gives the status with its explanation', async () => {
    const { canary, ask } = await opened()
    const { status, body } = (await ask('GET', '/status'))!
    expect(status).toBe(200)
    expect(body).toEqual({ ...canary.status(), explanation: canary.explain() })
  })

  it('shows what the models’ errors said to who is authorized, and to nobody else', async () => {
    const broken = async () => {
      throw new Error('bad weights file /models/v2.onnx')
    }
    for (const [authorize, isShown] of [
      [undefined, false],
      [() => false, false],
      [() => Promise.reject(new Error('down')), false],
      [(_: string, action: string) => action === 'status', true],
    ] as const) {
      const { canary, ask } = await opened(authorize && { authorize })
      await canary
        .wrap({ baseline: broken, canary: broken })()
        .catch(() => {})
      const { body } = (await ask('GET', '/status'))!
      expect(JSON.stringify(body).includes('bad weights file')).toBe(isShown)
      expect(JSON.stringify(canary.status())).toContain('bad weights file')
    }
  })

  it.each(['/status', 'status', '/status/', '//status'])('finds %o', async (path) => {
    expect(await (await opened()).ask('GET', path)).toMatchObject({ status: 200 })
  })

  it('answers HEAD as GET', async () => {
    expect(await (await opened()).ask('HEAD', '/metrics')).toMatchObject({ status: 200 })
  })

  it('gives the metrics of a window', async () => {
    const { canary, clock, ask } = await opened()
    canary.begin().end()
    await canary.promote()
    await clock.advance(60_000)
    canary.begin().end()
    const requests = async (query: string) =>
      ((await ask('GET', `/metrics${query}`))!.body as ReturnType<typeof canary.metrics>).v2.requestCount
    expect(await requests('')).toBe(2)
    expect(await requests('?window=rollout')).toBe(2)
    expect(await requests('?window=step')).toBe(1)
    expect(await requests('?lastMs=10000')).toBe(1)
  })

  it.each([
    'window=hour',
    'window=',
    'lastMs=0',
    'lastMs=0.5',
    'lastMs=',
    'lastMs=-1',
    'lastMs=soon',
    'lastMs=1e999',
    'lastMs=NaN',
  ])('refuses %o', async (query) => {
    const answer = await (await opened()).ask('GET', `/metrics?${query}`)
    expect(answer).toMatchObject({ status: 400, body: { error: { code: 'INVALID_OPTION' } } })
  })

  it('can be sent as JSON', async () => {
    const { ask } = await opened()
    for (const path of ['/status', '/metrics']) {
      const { body } = (await ask('GET', path))!
      expect(JSON.parse(JSON.stringify(body))).toEqual(body)
    }
  })
})

describe('what is not there is left to whoever comes next', () => {
  it.each([
    ['GET', '/'],
    ['GET', '/nothing'],
    ['GET', '/pause'],
    ['POST', '/status'],
    ['POST', '/start'],
    ['POST', '/close'],
    ['POST', '/constructor'],
    ['DELETE', '/pause'],
    ['PUT', '/pause'],
  ])('%s %s', async (method, path) => {
    expect(await (await opened(yes)).ask(method, path)).toBe(undefined)
  })

  it('every verb, without authorize', async () => {
    const { canary, ask } = await opened()
    for (const verb of ['pause', 'resume', 'promote', 'rollback', 'retry', 'enable', 'disable']) {
      expect(await ask('POST', `/${verb}`)).toBe(undefined)
    }
    expect(canary.status()).toMatchObject({ state: 'progressing', enabled: true })
  })
})

describe('authorize', () => {
  it('is told of the request and the verb', async () => {
    const authorize = vi.fn(() => true)
    const { ask } = await opened({ authorize })
    await ask('POST', '/pause')
    expect(authorize.mock.calls).toEqual([['request', 'pause']])
  })

  it.each<[string, () => unknown]>([
    ['says no', () => false],
    ['says something that is merely truthy', () => 'yes'],
    ['says nothing', () => undefined],
    ['answers so by a promise', async () => 1],
    ['rejects', async () => Promise.reject(new Error('no such session'))],
    [
      'throws',
      () => {
        throw new Error('no such session')
      },
    ],
  ])('that %s keeps everything as it is, and reads no body', async (_, authorize) => {
    const { canary } = await stage()
    const body = vi.fn()
    const routes = createRoutes(canary, { authorize: authorize as () => boolean })
    const answer = await routes({
      method: 'POST',
      path: '/rollback',
      query: new URLSearchParams(),
      headers: {},
      request: 0,
      body,
    })
    expect(answer).toMatchObject({ status: 403, body: { error: { code: 'FORBIDDEN' } } })
    expect(body).not.toHaveBeenCalled()
    expect(canary.status().state).toBe('progressing')
  })

  it('may take its time', async () => {
    const { ask } = await opened({ authorize: async () => true })
    expect(await ask('POST', '/pause')).toMatchObject({ status: 200, body: { state: 'paused' } })
  })
})

describe('changing', () => {
  it('takes the verb’s options, and answers with the new status', async () => {
    const { canary, ask } = await opened(yes)
    const body = { actor: 'ann', reason: 'looks wrong', expectedStep: 1 }
    expect(await ask('POST', '/rollback', body)).toMatchObject({ status: 200, body: { state: 'rolled-back' } })
    expect(canary.status().history.at(-1)).toMatchObject({ actor: 'ann', reason: 'looks wrong' })
  })

  it.each([
    ['null, as for a body that is no JSON or too long', null],
    ['a text', 'now'],
    ['an array', []],
    ['a number', 1],
    ['an unknown option', { untilMS: 1 }],
    ['an option of the wrong type', { reason: 5 }],
    ['a poisoned object', JSON.parse('{"__proto__":{"full":true}}')],
  ])('refuses %s', async (_, body) => {
    const { canary, ask } = await opened(yes)
    expect(await ask('POST', '/pause', body)).toMatchObject({ status: 400 })
    expect(canary.status().state).toBe('progressing')
  })

  it('says by a conflict that the rollout is elsewhere', async () => {
    const { canary, ask } = await opened(yes)
    const refused = (code: string) => ({ status: 409, body: { error: { code, message: expect.any(String) } } })
    expect(await ask('POST', '/promote', { expectedStep: 2 })).toMatchObject(refused('STEP_MOVED'))
    expect(await ask('POST', '/retry')).toMatchObject(refused('STILL_LIVE'))
    await canary.rollback()
    expect(await ask('POST', '/promote')).toMatchObject(refused('TERMINAL'))
    await canary.close()
    expect(await ask('POST', '/retry')).toMatchObject(refused('CLOSED'))
  })

  it('says that the store is unavailable, which is no fault of the request', async () => {
    const { canary } = await stage()
    const pause = () => Promise.reject(new CanaryError('STORE_FAILED', 'no answer'))
    const routes = createRoutes({ ...canary, pause }, yes)
    const pausing = { method: 'POST', path: '/pause', query: new URLSearchParams(), headers: {}, request: 0 }
    expect(await routes({ ...pausing, body: async () => undefined })).toMatchObject({ status: 503 })
  })

  it('leaves every other failure to the framework', async () => {
    const { canary } = await stage()
    const error = new Error('cannot read')
    const routes = createRoutes(canary, yes)
    const pausing = { method: 'POST', path: '/pause', query: new URLSearchParams(), headers: {}, request: 0 }
    await expect(routes({ ...pausing, body: () => Promise.reject(error) })).rejects.toBe(error)
  })
})

describe('the options', () => {
  it.each([
    [{ authorise: () => true }, 'UNKNOWN_OPTION'],
    [{ authorize: true }, 'INVALID_OPTION'],
    [null, 'INVALID_OPTION'],
  ])('refuse %o', async (options, code) => {
    const { canary } = await stage()
    expect(() => createRoutes(canary, options as never)).toThrow(expect.objectContaining({ code }))
  })
})
