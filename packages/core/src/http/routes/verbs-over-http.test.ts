import { describe, expect, it, vi } from 'vitest'
import { createCanary } from '../../canary/create-canary.js'
import { memoryStore } from '../../controller/memory-store.js'
import { stage } from '../../serving/stage.fixture.js'
import { createRoutes } from './create-routes.js'
import { JSON_BODY, opened } from './routes.fixture.js'

const yes = { authorize: () => true }

describe('the step that the sender has seen', () => {
  it.each(['promote', 'resume', 'retry', 'enable'])('is needed for %s', async (verb) => {
    const { canary, ask } = await opened(yes)
    const before = await canary.history()
    for (const body of [undefined, {}, { reason: 'now' }]) {
      expect(await ask('POST', `/${verb}`, body)).toMatchObject({
        status: 428,
        body: {
          error: { code: 'EXPECTED_STEP', message: expect.stringContaining(verb) },
          status: { step: 1, epoch: 1 },
        },
      })
    }
    expect(await canary.history()).toEqual(before)
  })

  it('comes with the present status where the rollout has moved on', async () => {
    const { canary, ask } = await opened(yes)
    await canary.promote()
    expect(await ask('POST', '/promote', { expectedStep: { step: 1, epoch: 1 } })).toMatchObject({
      status: 409,
      body: { error: { code: 'STEP_MOVED' }, status: { name: 'stage', step: canary.status().step } },
    })
  })

  it.each(['rollback', 'disable', 'pause'])('is no reason to refuse %s', async (verb) => {
    for (const expectedStep of [7, { step: 1, epoch: 9 }, 'none', null]) {
      const { ask } = await opened(yes)
      expect(await ask('POST', `/${verb}`, { expectedStep })).toMatchObject({ status: 200 })
    }
  })
})

describe('who sends a verb', () => {
  it('is who authorize says, whatever the body says', async () => {
    const { canary, ask } = await opened({ authorize: async () => ({ actor: 'ann' }) })
    await ask('POST', '/pause', { actor: 'mallory', reason: 'lunch' })
    expect((await canary.history())[0]).toMatchObject({ actor: 'ann', reason: 'lunch' })
  })

  it('is who the body says if authorize says only yes', async () => {
    const { canary, ask } = await opened(yes)
    await ask('POST', '/pause', { actor: 'ci' })
    await ask('POST', '/disable')
    expect((await canary.history()).slice(0, 2).map(({ actor }) => actor)).toEqual(['operator', 'ci'])
  })

  it.each([
    ['', 'operator'],
    ['  \n ', 'operator'],
    [`a\u202eb\u0000${'x'.repeat(99)}`, `a\\u202eb\\u0000${'x'.repeat(50)}`],
    ['__proto__', 'operator'],
  ])('never keeps a rollback from being carried out, such as %j', async (actor, expected) => {
    const { canary, ask } = await opened({ authorize: () => ({ actor }) })
    expect(await ask('POST', '/rollback')).toMatchObject({ status: 200 })
    expect((await canary.history())[0]?.actor).toBe(expected)
  })

  it.each(['', ' ', '__proto__', '\ud800'])(
    'is not who the body says if authorize gives the actor %j',
    async (actor) => {
      const { canary, ask } = await opened({ authorize: () => ({ actor }) })
      await ask('POST', '/pause', { actor: 'mallory' })
      expect((await canary.history())[0]).toMatchObject({ action: 'pause' })
      expect((await canary.history())[0]?.actor).not.toBe('mallory')
    },
  )

  it.each([[{ actor: 7 }], [{}], [[]], ['ann'], [null]])('is not %j, which is a no', async (given) => {
    const { ask } = await opened({ authorize: (() => given) as never })
    expect(await ask('POST', '/rollback')).toMatchObject({ status: 403 })
  })
})

describe('a request that is not allowed', () => {
  it('is asked for credentials if it has none', async () => {
    const { ask } = await opened({ authorize: () => false })
    const without = { 'content-type': 'application/json' }
    expect(await ask('POST', '/pause', {}, without)).toMatchObject({
      status: 401,
      headers: { 'www-authenticate': 'Bearer' },
      body: { error: { code: 'UNAUTHENTICATED' } },
    })
    for (const known of [{ authorization: 'Bearer wrong' }, { cookie: 'session=old' }])
      expect(await ask('POST', '/pause', {}, { ...without, ...known })).toMatchObject({ status: 403 })
  })

  it('is answered after ten seconds if authorize does not answer', async () => {
    const { canary, clock, ask } = await opened({ authorize: () => new Promise<boolean>(() => {}) })
    const answer = ask('POST', '/rollback')
    await clock.advance(10_000)
    expect(await answer).toMatchObject({ status: 403 })
    expect(canary.status().state).toBe('progressing')
  })

  it('asks for the name of the rollout', async () => {
    const authorize = vi.fn(() => true)
    const { ask } = await opened({ authorize, others: [(await stage({ name: 'spam' })).canary] })
    await ask('POST', '/spam/pause')
    expect(authorize).toHaveBeenLastCalledWith('request', 'pause', 'spam')
  })
})

describe('an idempotency key', () => {
  const keyed = (key: string) => ({ ...JSON_BODY, 'idempotency-key': key })

  it('makes a double click one promotion', async () => {
    const { canary, ask } = await opened(yes)
    const body = { expectedStep: 1 }
    const answers = [await ask('POST', '/promote', body, keyed('a')), await ask('POST', '/promote', body, keyed('a'))]
    expect(answers.map((answer) => answer?.status)).toEqual([200, 200])
    expect((await canary.history()).filter(({ actor }) => actor === 'operator')).toHaveLength(2) // and the start
    expect(await ask('POST', '/promote', body, keyed('b'))).toMatchObject({ status: 409 })
  })

  it('makes two rollbacks one', async () => {
    const { ask } = await opened(yes)
    for (const _ of [1, 2]) expect(await ask('POST', '/rollback', {}, keyed('a'))).toMatchObject({ status: 200 })
    expect(await ask('POST', '/rollback', {}, keyed('b'))).toMatchObject({ status: 409 })
  })

  it('is refused if it is too long', async () => {
    const { ask } = await opened(yes)
    expect(await ask('POST', '/pause', {}, keyed('x'.repeat(65)))).toMatchObject({ status: 400 })
  })
})

describe('many verbs', () => {
  it('are refused for a while, unless they give the canary less', async () => {
    const { clock, ask } = await opened(yes)
    const promote = () => ask('POST', '/promote', { expectedStep: 9 }) // the plan has no such step
    for (let sent = 0; sent < 20; sent += 1) expect((await promote())?.status).toBe(400)
    expect(await promote()).toMatchObject({
      status: 429,
      headers: { 'retry-after': '1' },
      body: { error: { code: 'TOO_MANY' } },
    })
    expect(await ask('POST', '/pause')).toMatchObject({ status: 200 })
    await clock.advance(1_000)
    expect((await promote())?.status).toBe(400)
    expect((await promote())?.status).toBe(429)
    expect(await ask('POST', '/rollback')).toMatchObject({ status: 200 })
  })

  it.each(['pause', 'disable'])(
    'of %s are refused where there is nothing left to do, and write nothing then',
    async (verb) => {
      const { canary, ask } = await opened(yes)
      for (let sent = 0; sent < 50; sent += 1) await ask('POST', `/${verb}`)
      expect(await ask('POST', `/${verb}`)).toMatchObject({ status: 429 })
      expect((await canary.history()).length).toBeLessThanOrEqual(22)
    },
  )
})

describe('a retry while another release is live', () => {
  it('is a conflict, and no failure of the store', async () => {
    const release = (canary: string) =>
      createCanary({ name: 'stage', versions: { baseline: 'v1', canary }, store, clock, logger: false })
    const { clock } = await stage()
    const store = memoryStore()
    const old = release('v2')
    await old.start()
    await old.rollback()
    await release('v3').start()
    const routes = createRoutes(old, yes, clock)
    const asked = {
      method: 'POST',
      path: '/retry',
      query: new URLSearchParams(),
      headers: JSON_BODY,
      request: 'request',
    }
    expect(await routes({ ...asked, body: async () => ({ expectedStep: old.status().step }) })).toMatchObject({
      status: 409,
      body: { error: { code: 'RELEASE_LIVE' }, status: { state: 'rolled-back' } },
    })
  })
})

describe('several canaries', () => {
  const two = async (options = {}) => opened({ ...options, others: [(await stage({ name: 'a/b ü' })).canary] })

  it('have their routes below their names', async () => {
    const { ask } = await two(yes)
    expect(await ask('GET', '/stage/status')).toMatchObject({ body: { name: 'stage' } })
    for (const path of ['/a%2Fb%20%C3%BC/status', '/a%2fb%20ü/status', '/a/b ü/status'])
      expect(await ask('GET', path)).toMatchObject({ body: { name: 'a/b ü' } })
    expect(await ask('POST', '/stage/pause')).toMatchObject({ status: 200, body: { name: 'stage', state: 'paused' } })
    for (const path of ['/status', '/other/status', '/stage', '/%E0%A4%A/status', '/__proto__/status'])
      expect(await ask('GET', path)).toBe(undefined)
  })

  it('are listed', async () => {
    const { ask } = await two()
    expect(await ask('GET', '/rollouts')).toMatchObject({
      status: 200,
      body: [
        { name: 'stage', path: 'stage/', state: 'progressing', weight: 50 },
        { name: 'a/b ü', path: 'a%2Fb%20%C3%BC/' },
      ],
    })
  })

  it('are one where one alone is mounted, without a path of its own', async () => {
    const { ask } = await opened()
    expect(await ask('GET', '/rollouts')).toMatchObject({ status: 200, body: [{ name: 'stage', path: '' }] })
  })

  it('need different names, and at least one', async () => {
    const { canary } = await stage()
    await expect(opened({ others: [canary] })).rejects.toMatchObject({ code: 'INVALID_OPTION' })
    const { createRoutes } = await import('./create-routes.js')
    expect(() => createRoutes([])).toThrow('the list of canaries is empty')
  })
})

describe('reading with authorizeReads', () => {
  const READS = ['status', 'explain', 'history', 'metrics', 'events', 'openapi.json', 'metrics.prom']
  const prometheus = { render: () => ({ contentType: 'text/plain', body: 'figures' }) }

  it('is for those alone whom authorize allows it', async () => {
    const authorize = vi.fn((_: string, action: string) => action === 'pause')
    const { ask } = await opened({ authorize, authorizeReads: true, prometheus })
    for (const path of READS) {
      expect(await ask('GET', path)).toMatchObject({ status: 401 })
      expect(await ask('GET', path, undefined, { authorization: 'Bearer old' })).toMatchObject({ status: 403 })
      expect(await ask('HEAD', path)).toMatchObject({ status: 401 })
    }
    expect(await ask('POST', '/pause')).toMatchObject({ status: 200 })
    authorize.mockReturnValue(true)
    for (const path of READS) expect(await ask('GET', path)).toMatchObject({ status: 200 })
  })

  it('lists several canaries only to those who may see all', async () => {
    const others = [(await stage({ name: 'spam' })).canary]
    const authorize = (_: string, __: string, name: string) => name === 'spam'
    const { ask } = await opened({ authorize, authorizeReads: true, others })
    expect(await ask('GET', '/rollouts')).toMatchObject({ status: 401 })
    expect(await ask('GET', '/stage/status')).toMatchObject({ status: 401 })
    expect(await ask('GET', '/spam/status')).toMatchObject({ status: 200 })
  })

  it('needs authorize', async () => {
    await expect(opened({ authorizeReads: true })).rejects.toMatchObject({ code: 'INVALID_OPTION' })
  })
})

describe('the origins', () => {
  it.each(['ops.example', 'https://ops.example/', 'https://ops.example/canary', '*', 7])(
    'are not %j',
    async (origin) => {
      await expect(opened({ ...yes, allowedOrigins: [origin as string] })).rejects.toMatchObject({
        code: 'INVALID_OPTION',
      })
    },
  )
})

describe('a controller without metrics', () => {
  it('has no route for them', async () => {
    const canary = createCanary({ name: 'mesh', versions: { baseline: 'v1', canary: 'v2' }, logger: false })
    const { metrics: _, ...controller } = canary
    const { createRoutes } = await import('./create-routes.js')
    const get = (path: string) =>
      createRoutes(controller)({
        method: 'GET',
        path,
        query: new URLSearchParams(),
        headers: {},
        request: '',
        body: async () => undefined,
      })
    expect(await get('/metrics')).toBe(undefined)
    expect(await get('/status')).toMatchObject({ status: 200 })
  })
})
