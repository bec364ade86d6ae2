import { describe, expect, it } from 'vitest'
import { pageRoute, type RoutesPage } from './page-route.js'
import { opened } from './routes.fixture.js'

const page: RoutesPage = {
  file: (path) =>
    path === '' || path === 'assets/a.js' ? { headers: {}, contentType: 'text/html', body: `<p>${path}` } : undefined,
}

describe('a page', () => {
  it('is at the root, and leaves the names of routes and verbs alone', async () => {
    const { ask } = await opened({ dashboard: { file: (path) => page.file(path === 'status' ? '' : path) } })
    expect(await ask('GET', '/')).toMatchObject({ status: 200, contentType: 'text/html', body: '<p>' })
    expect(await ask('GET', '/assets/a.js')).toMatchObject({ status: 200, body: '<p>assets/a.js' })
    expect(await ask('GET', '/nowhere')).toBeUndefined()
    expect(await ask('POST', '/')).toBeUndefined()
    expect(await ask('GET', '/rollouts')).toMatchObject({ body: [{ name: 'stage' }] })
  })

  it('has no data, so it needs no rights', async () => {
    const { ask } = await opened({ dashboard: page, authorize: () => false, authorizeReads: true })
    expect(await ask('GET', '/')).toMatchObject({ status: 200 })
    expect(await ask('GET', '/rollouts')).toMatchObject({ status: 401 })
  })

  it('refuses what is no page', async () => {
    await expect(opened({ dashboard: {} as RoutesPage })).rejects.toThrow(/canaryRoutes: dashboard .*file/)
  })

  it.each([
    ['/canary', './canary/'],
    ['/a/b?c=d', './b/?c=d'],
    ['/a/http:x', './http:x/'],
    ['/a/b/', undefined],
    ['/', undefined],
    [undefined, undefined],
  ])('leads from %o to %o, relative to where the client is', (url, location) => {
    const headers: Record<string, string> = {}
    const answer = pageRoute(page)('', {
      method: 'GET',
      path: '',
      url,
      query: new URLSearchParams(),
      headers,
      request: null,
      body: async () => undefined,
    })
    expect(answer?.headers.location).toBe(location)
    expect(answer?.status).toBe(location === undefined ? 200 : 307)
  })
})

describe('rights', () => {
  const none = { status: false, pause: false, resume: false, promote: false, rollback: false, retry: false }

  it('says what the sender may do, and as whom', async () => {
    const authorize = (_: string, action: string) => (action === 'promote' ? { actor: 'ada' } : action === 'status')
    const { ask } = await opened({ authorize })
    expect((await ask('GET', '/rights'))?.body).toEqual({
      hasVerbs: true,
      actor: 'ada',
      actions: { ...none, status: true, promote: true, enable: false, disable: false },
    })
  })

  it('allows nothing without authorize, nor where it throws', async () => {
    const actions = { ...none, enable: false, disable: false }
    expect((await (await opened()).ask('GET', '/rights'))?.body).toEqual({ hasVerbs: false, actor: null, actions })
    const throwing = () => Promise.reject(new Error('down'))
    const { ask } = await opened({ authorize: throwing })
    expect((await ask('GET', '/rights'))?.body).toEqual({ hasVerbs: true, actor: null, actions })
  })

  it('is shown only to those who may read', async () => {
    const { ask } = await opened({ authorize: () => false, authorizeReads: true })
    expect(await ask('GET', '/rights')).toMatchObject({ status: 401 })
  })
})
