import { describe, expect, it, vi } from 'vitest'
import { createCanary } from '../../canary/create-canary.js'
import { memoryStore } from '../../controller/memory-store.js'
import { sharedMemoryStore } from '../../controller/shared-memory-store.js'
import { CanaryError } from '../../foundation/errors.js'
import type { Judge } from '../../judging/judge.js'
import type { Decision } from '../../rollout/decision.js'
import { linearPlan } from '../../rollout/plan.js'
import { stage } from '../../serving/stage.fixture.js'
import type { IncomingHeaders } from '../read-body.js'
import { createRoutes } from './create-routes.js'
import type { CanaryRoutesOptions } from './route-options.js'
import { JSON_BODY, opened } from './routes.fixture.js'

const passing: Judge = {
  name: 'passing',
  open: () => null,
  update: (evidence) => evidence,
  decide: (_, { epoch, step }) => ({ kind: 'pass', epoch, step, checks: [] }),
}

const yes = { authorize: () => true }

describe('reading', () => {
  it('gives the status with its explanation', async () => {
    const { canary, ask } = await opened()
    const { status, body } = (await ask('GET', '/status'))!
    expect(status).toBe(200)
    expect(body).toEqual({ ...canary.status(), explanation: canary.explain() })
  })

  it('shows the messages of model errors only to authorized callers', async () => {
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

  it('gives the decisions page by page, newest first', async () => {
    const { canary, ask } = await opened()
    for (const reason of ['one', 'two', 'three']) {
      await canary.pause({ reason })
      await canary.resume({ reason })
    }
    const all = (await ask('GET', '/history'))!
    expect(all).toMatchObject({ status: 200, body: await canary.history() })
    const sequences = async (query: string) =>
      ((await ask('GET', `/history${query}`))!.body as readonly Decision[]).map(({ sequence }) => sequence)
    const [newest = 0] = await sequences('')
    expect(await sequences('?limit=2')).toEqual([newest, newest - 1])
    expect(await sequences(`?limit=2&before=${newest - 1}`)).toEqual([newest - 2, newest - 3])
    expect(await sequences('?before=1')).toEqual([])
    expect(await sequences('?limit=1000')).toHaveLength(newest)
  })

  it.each([
    'limit=0',
    'limit=1001',
    'limit=',
    'limit=ten',
    'limit=1.5',
    'limit=-1',
    'limit=1e1',
    'limit=99999999999999999999',
    'before=',
    'before=0',
    'before=-1',
    'before=now',
    'before=%201',
  ])('refuses /history?%s with a sentence', async (query) => {
    const answer = await (await opened()).ask('GET', `/history?${query}`)
    expect(answer).toMatchObject({
      status: 400,
      body: { error: { code: 'INVALID_OPTION', message: expect.stringMatching(/(limit|before) .* from 1/) } },
    })
  })

  it('gives the history also where the rollout was not started, and says if the store cannot be read', async () => {
    for (const authorize of [() => true, () => false]) {
      const load = () => Promise.reject(new Error('no route to 10.0.0.7'))
      const store = { ...memoryStore(), load }
      const canary = createCanary({ name: 'idle', versions: { baseline: 'v1', canary: 'v2' }, store })
      const asked = { method: 'GET', path: '/history', query: new URLSearchParams(), headers: {}, request: '' }
      const answer = await createRoutes(canary, { authorize })({ ...asked, body: async () => undefined })
      expect(answer).toMatchObject({ status: 503, body: { error: { code: 'STORE_FAILED' } } })
      expect(JSON.stringify(answer).includes('10.0.0.7')).toBe(authorize())
    }
    const canary = createCanary({ name: 'idle', versions: { baseline: 'v1', canary: 'v2' } })
    const asked = { method: 'GET', path: '/history', query: new URLSearchParams(), headers: {}, request: '' }
    const answer = await createRoutes(canary)({ ...asked, body: async () => undefined })
    expect(answer).toMatchObject({ status: 200, body: [] })
  })

  it('gives the explanation as plain text, on one line that shows control characters', async () => {
    const { canary, ask } = await opened()
    expect(await ask('GET', '/explain')).toMatchObject({
      status: 200,
      contentType: 'text/plain; charset=utf-8',
      body: `${canary.explain()}\n`,
    })
    await canary.rollback({ reason: 'a\u001b[31m\u202eb' })
    const { body } = (await ask('GET', '/explain'))!
    expect(body).toContain('Reason: a\\u001b[31m\\u202eb.')
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

  it('gives the metrics of all processes that share the rollout', async () => {
    const store = sharedMemoryStore()
    const canary = createCanary({ name: 'shared', versions: { baseline: 'v1', canary: 'v2' }, store, logger: false })
    await canary.start()
    canary.record({ variant: 'baseline', durationMs: 1, outcome: 'success' })
    const query = new URLSearchParams('scope=fleet')
    const asked = { method: 'GET', path: '/metrics', query, headers: {}, request: '', body: async () => undefined }
    const answer = await createRoutes(canary)(asked)
    await canary.close()
    expect(answer).toMatchObject({ status: 200, body: { v1: { requestCount: 1 }, v2: { requestCount: 0 } } })
    const { ask } = await opened()
    expect(await ask('GET', '/metrics?scope=fleet')).toMatchObject({
      status: 409,
      body: { error: { code: 'NOT_SHARED' } },
    })
    expect(await ask('GET', '/metrics?scope=all')).toMatchObject({ status: 400 })
  })

  it('reads the metrics of all processes at most once a second, for however many clients', async () => {
    const { canary, clock } = await stage()
    const metrics = vi.fn(async (_: { scope?: string; window?: unknown }) => canary.metrics())
    const routes = createRoutes<string>({ ...canary, metrics } as never, {}, clock)
    const ask = (query: string) =>
      routes({
        method: 'GET',
        path: '/metrics',
        query: new URLSearchParams(query),
        headers: {},
        request: '',
        body: async () => undefined,
      })
    const asked = () => metrics.mock.calls.filter(([{ scope, window }]) => scope === 'fleet' && window !== 'rollout')
    for (let turn = 0; turn < 5; turn += 1)
      for (const query of ['scope=fleet', 'scope=fleet&window=step', 'scope=fleet&window=rollout', '']) await ask(query)
    expect(asked()).toHaveLength(1)
    await clock.advance(1_000)
    await ask('scope=fleet&window=step')
    expect(asked()).toHaveLength(2)
  })

  it('can be sent as JSON', async () => {
    const { ask } = await opened()
    for (const path of ['/status', '/history', '/metrics']) {
      const { body } = (await ask('GET', path))!
      expect(JSON.parse(JSON.stringify(body))).toEqual(body)
    }
  })
})

describe('unknown routes are left to the next handler', () => {
  it.each([
    ['GET', '/'],
    ['GET', '/nothing'],
    ['GET', '/pause'],
    ['POST', '/status'],
    ['POST', '/history'],
    ['POST', '/explain'],
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
  it('gets the request and the verb', async () => {
    const authorize = vi.fn(() => true)
    const { ask } = await opened({ authorize })
    await ask('POST', '/pause')
    expect(authorize.mock.calls).toEqual([['request', 'pause', 'stage']])
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
  ])('that %s changes nothing, and reads no body', async (_, authorize) => {
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
    expect(answer).toMatchObject({ status: 401, body: { error: { code: 'UNAUTHENTICATED' } } })
    expect(answer?.headers['www-authenticate']).toBe('Bearer')
    expect(body).not.toHaveBeenCalled()
    expect(canary.status().state).toBe('progressing')
  })

  it('may be asynchronous', async () => {
    const { ask } = await opened({ authorize: async () => true })
    expect(await ask('POST', '/pause')).toMatchObject({ status: 200, body: { state: 'paused' } })
  })
})

describe('changing', () => {
  it('takes the verb’s options, and answers with the new status', async () => {
    const { canary, ask } = await opened(yes)
    const body = { actor: 'ann', reason: 'looks wrong', expectedStep: 1 }
    expect(await ask('POST', '/rollback', body)).toMatchObject({
      status: 200,
      body: { state: 'rolled-back', reached: 1, of: 1 },
    })
    expect((await canary.history())[0]).toMatchObject({ actor: 'ann', reason: 'looks wrong' })
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

  it('answers a misspelt option with the options of the verb', async () => {
    const { ask } = await opened(yes)
    const message = expect.stringContaining(
      '(did you mean "untilMs"?); it knows actor, reason, expectedStep, idempotencyKey, untilMs;',
    )
    expect(await ask('POST', '/pause', { untilMS: 1 })).toMatchObject({ body: { error: { message } } })
  })

  it('answers with a conflict if the rollout is in another state', async () => {
    const { canary, ask } = await opened(yes)
    const refused = (code: string) => ({ status: 409, body: { error: { code, message: expect.any(String) } } })
    expect(await ask('POST', '/promote', { expectedStep: 2 })).toMatchObject(refused('STEP_MOVED'))
    expect(await ask('POST', '/retry', { expectedStep: 1 })).toMatchObject(refused('STILL_LIVE'))
    await canary.rollback()
    expect(await ask('POST', '/promote', { expectedStep: 1 })).toMatchObject(refused('TERMINAL'))
    await canary.close()
    expect(await ask('POST', '/retry', { expectedStep: 1 })).toMatchObject(refused('CLOSED'))
  })

  it('answers that the service is unavailable if the store is', async () => {
    const { canary } = await stage()
    const pause = () => Promise.reject(new CanaryError('STORE_FAILED', 'no answer'))
    const routes = createRoutes({ ...canary, pause }, yes)
    const pausing = { method: 'POST', path: '/pause', query: new URLSearchParams(), headers: JSON_BODY, request: 0 }
    expect(await routes({ ...pausing, body: async () => undefined })).toMatchObject({ status: 503 })
  })

  it('passes every other failure to the framework', async () => {
    const { canary } = await stage()
    const error = new Error('cannot read')
    const routes = createRoutes(canary, yes)
    const pausing = { method: 'POST', path: '/pause', query: new URLSearchParams(), headers: JSON_BODY, request: 0 }
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

describe('requests from outside', () => {
  it.each(['/', '%2f', '//a', ' ', '\n', '\u202e', 'a/', '=&', 'window=', '&lastMs=', ';', ',', '[object ', '😀'])(
    'is read in time that grows with its length, such as a megabyte of %j',
    async (piece) => {
      const { ask } = await opened(yes)
      const long = piece.repeat(1_000_000 / piece.length)
      const headers = Object.fromEntries(
        ['accept', 'origin', 'host', 'sec-fetch-site', 'content-type', 'content-length'].map((name) => [
          name,
          `x${long}x`,
        ]),
      )
      const startedAt = performance.now()
      for (const path of [`/x${long}x`, `/${long}status${long}x`, `${long}pause`]) {
        for (const method of ['GET', 'POST']) await ask(method, path)
      }
      for (const route of ['metrics', 'history', 'explain']) await ask('GET', `/${route}?${long}`)
      for (const name of ['limit', 'before']) await ask('GET', `/history?${name}=${long}`)
      for (const name of Object.keys(headers)) await ask('POST', '/pause', {}, { ...JSON_BODY, [name]: headers[name] })
      expect(performance.now() - startedAt).toBeLessThan(3_000) // what is quadratic takes hours
    },
  )

  it.each<[answer: number, headers: IncomingHeaders]>([
    [403, { 'sec-fetch-site': 'cross-site' }],
    [403, { 'sec-fetch-site': 'same-site' }],
    [403, { 'sec-fetch-site': 'same-origin, none' }],
    [403, { origin: 'https://evil.example', host: 'ops.example' }],
    [403, { origin: 'null', host: 'ops.example' }],
    [403, { origin: 'https://ops.example:8443', host: 'ops.example' }],
    [403, { origin: 'https://ops.example.evil.example', host: 'ops.example' }],
    [403, { origin: 'https://ops.example' }],
    [403, { origin: '', host: '' }],
    [200, { origin: 'https://OPS.example', host: 'ops.example:443' }],
    [200, { origin: 'https://ops.example', ':authority': 'ops.example' }],
    [200, { origin: 'https://ops.example', host: 'pod:3000', 'sec-fetch-site': 'same-origin' }],
    [200, { 'sec-fetch-site': 'none' }],
    [200, {}],
    [200, { origin: 'https://console.example', host: 'pod:3000' }],
    [403, { origin: 'https://console.example', host: 'pod:3000', 'sec-fetch-site': 'cross-site' }],
    [403, { origin: 'http://console.example', host: 'pod:3000' }],
    [403, { origin: 'https://console.example:8443', host: 'pod:3000' }],
  ])('changes nothing for a page of another site, with or without a body: %i for %j', async (expected, headers) => {
    const authorize = vi.fn(() => true)
    for (const body of [undefined, {}]) {
      const { canary, ask } = await opened({ authorize, allowedOrigins: ['https://console.example'] })
      const { status } = (await ask('POST', '/pause', body, { 'content-type': 'application/json', ...headers }))!
      expect(status).toBe(expected)
      expect(canary.status().state).toBe(expected === 200 ? 'paused' : 'progressing')
    }
    expect(authorize).toHaveBeenCalledTimes(expected === 200 ? 2 : 0)
  })

  it.each([
    undefined,
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data',
    'text/json',
    'application/jsonp',
    'x/application/json',
  ])('is refused as a body of the type %s', async (type) => {
    const { canary, ask } = await opened(yes)
    for (const announced of [{ 'content-length': '13' }, { 'transfer-encoding': 'chunked' }, {}]) {
      const headers = { ...announced, 'content-type': type }
      expect(await ask('POST', '/promote', { full: true, expectedStep: 1 }, headers)).toMatchObject({
        status: 415,
        body: { error: { code: 'NOT_JSON' } },
      })
    }
    expect(canary.status().state).toBe('progressing')
  })

  it.each(['application/json', 'application/json; charset=utf-8', 'Application/JSON;x="', 'application/vnd.ops+json'])(
    'is taken as a body of the type %s',
    async (type) => {
      const { ask } = await opened(yes)
      expect(await ask('POST', '/pause', { reason: 'lunch' }, { 'content-type': type })).toMatchObject({ status: 200 })
    },
  )

  it('may expect a step of an epoch', async () => {
    const { canary, ask } = await opened(yes)
    await canary.pause()
    expect(await ask('POST', '/resume', { expectedStep: { step: 1, epoch: 2 } })).toMatchObject({ status: 409 })
    expect(await ask('POST', '/resume', { expectedStep: { step: 2, epoch: 1 } })).toMatchObject({ status: 409 })
    for (const expectedStep of [{ epoch: 1 }, { step: 1, epoch: -1 }, { step: 1, life: 1 }, '1', [1], null]) {
      expect(await ask('POST', '/resume', { expectedStep })).toMatchObject({ status: 400 })
    }
    expect(await ask('POST', '/resume', { expectedStep: { step: 1, epoch: 1 } })).toMatchObject({ status: 200 })
    expect(await ask('POST', '/promote', { expectedStep: { step: 1 } })).toMatchObject({ status: 200 })
  })

  it('have control characters and direction marks shown as numbers', async () => {
    const { ask } = await opened(yes)
    const reason = 'a\u001b[31m\u202eb\u0085\u2066c\u200f\nd'
    const { body } = (await ask('POST', '/rollback', { reason, actor: 'ad\u202ea' }))!
    const text = JSON.stringify([body, (await ask('GET', '/status'))!.body])
    expect(JSON.parse(text)[0].reason).toBe('a\\u001b[31m\\u202eb\\u0085\\u2066c\\u200f d')
    expect(text).not.toMatch(/\\u001b[^[]|[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/)
    expect(text).toContain('ad\\\\u202ea')
  })
})

describe('errors of models, gates, targets and stores', () => {
  const SECRET = 'postgres://canary:hunter2@10.0.3.7/ci'
  const failing = () => Promise.reject(new Error(`connect ECONNREFUSED ${SECRET}`))
  const throwSecret = (): never => {
    throw new Error(SECRET)
  }
  const erring = { kind: 'error', checks: [], message: SECRET } as const

  it.each<[string, () => Promise<Awaited<ReturnType<typeof stage>>>, string]>([
    ['a warm-up', () => stage({ warmUp: { durationMs: 0, run: failing } }), 'failed with WARM_UP_FAILED'],
    [
      'a gate',
      () => stage({ plan: linearPlan([50, 100], { minDurationMs: 1, minRequests: 0, gate: failing }), judge: passing }),
      'the gate of step 1 failed',
    ],
    ['a judge', () => stage({ judge: { ...passing, decide: throwSecret } }), 'the judge failed'],
    [
      'a judge that answers with it',
      () => stage({ judge: { ...passing, decide: (_, { epoch, step }) => ({ ...erring, epoch, step }) } }),
      'the judge gave an error',
    ],
    ['a model', () => stage(), 'explanation'],
  ])('%s is in the log and in answers to authorized callers only', async (_, make, sentence) => {
    const { canary, clock } = await make()
    const alerts: string[] = []
    canary.on('alert', ({ message }) => alerts.push(message))
    await canary
      .wrap({ baseline: failing, canary: failing })()
      .catch(() => {})
    for (let look = 0; look < 20; look++) await clock.advance(15_000)
    const told = async (authorize?: CanaryRoutesOptions<string>['authorize']) => {
      const routes = createRoutes<string>(canary, authorize && { authorize })
      const get = { method: 'GET', query: new URLSearchParams(), headers: {}, request: '', body: async () => undefined }
      const answers = ['/status', '/history', '/explain'].map((path) => routes({ ...get, path }))
      return JSON.stringify(await Promise.all(answers))
    }
    expect(JSON.stringify([canary.status(), await canary.history()])).toContain('10.0.3.7/ci')
    expect(await told(() => true)).toContain('postgres://***@10.0.3.7/ci')
    expect(await told(() => false)).toContain(sentence)
    for (const answer of [await told(), await told(() => false)]) expect(answer).not.toMatch(/10\.0\.3\.7|ECONNREFUSED/)
    expect(await told(() => true)).not.toContain('hunter2')
    const verbs = createRoutes<string>(canary, { authorize: (_request, action) => action !== 'status' })
    for (const path of ['/disable', '/enable']) {
      const asked = { method: 'POST', path, query: new URLSearchParams(), headers: JSON_BODY, request: '' }
      const { epoch, step } = canary.status()
      const answer = await verbs({ ...asked, body: async () => ({ expectedStep: { epoch, step } }) })
      expect(answer).toMatchObject({ status: 200 })
      expect(JSON.stringify(answer)).not.toContain('10.0.3.7')
    }
  })

  it.each(['STORE_FAILED', 'TARGET_FAILED', 'KUBE_FORBIDDEN'] as const)('%s: a verb answers the code', async (code) => {
    const { canary } = await stage()
    const pause = () => Promise.reject(new CanaryError(code, SECRET))
    const pausing = { method: 'POST', path: '/pause', query: new URLSearchParams(), headers: JSON_BODY, request: 0 }
    for (const isTrusted of [false, true]) {
      const authorize = (_: unknown, action: string) => isTrusted || action !== 'status'
      const routes = createRoutes({ ...canary, pause }, { authorize })
      const answer = await routes({ ...pausing, body: async () => undefined })
      expect(answer).toMatchObject({ status: 503, body: { error: { code } } })
      expect(JSON.stringify(answer).includes('10.0.3.7')).toBe(isTrusted)
      expect(JSON.stringify(answer)).not.toContain('hunter2')
    }
  })
})

describe('the key of a user', () => {
  it('is in no answer', async () => {
    const KEY = 'ann@example.com'
    const { canary, clock, ask } = await opened({ authorize: () => true })
    const predict = canary.wrap(
      { baseline: () => 'a', canary: () => Promise.reject(new Error('no')) },
      { key: () => KEY, attributes: () => ({ user: KEY }) },
    )
    for (let call = 0; call < 500; call += 1) await Promise.resolve(predict()).catch(() => {})
    for (let look = 0; look < 10; look += 1) await clock.advance(15_000)
    const answers = await Promise.all(['status', 'explain', 'history', 'metrics'].map((path) => ask('GET', path)))
    expect(answers.map((answer) => answer?.status)).toEqual([200, 200, 200, 200])
    expect(JSON.stringify([answers, canary.status(), await canary.history()])).not.toContain('example.com')
  })
})

describe('the option prometheus', () => {
  it('is refused without render', async () => {
    const { canary } = await opened()
    const message = 'canaryRoutes: prometheus must be an object with render; render is missing'
    expect(() => createRoutes(canary, { prometheus: {} as never })).toThrow(message)
  })
})

describe('every answer', () => {
  const exporter = { render: () => ({ contentType: 'text/plain', body: '' }) }

  it('has nosniff and no-store headers', async () => {
    const { ask } = await opened({ authorize: (_, action) => action !== 'retry', prometheus: exporter })
    const answers = [
      await ask('GET', '/status'),
      await ask('GET', '/metrics'),
      await ask('GET', '/metrics?window=week'),
      await ask('GET', '/history'),
      await ask('GET', '/history?limit=0'),
      await ask('GET', '/explain'),
      await ask('GET', '/metrics.prom'),
      await ask('POST', '/pause'),
      await ask('POST', '/pause', 'x'),
      await ask('POST', '/pause', {}, { 'content-length': '3' }),
      await ask('POST', '/pause', {}, { 'sec-fetch-site': 'cross-site' }),
      await ask('POST', '/retry'),
    ]
    for (const answer of answers) {
      expect(answer?.headers).toMatchObject({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' })
    }
  })
})
