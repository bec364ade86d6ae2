import { describe, expect, it } from 'vitest'
import { errorOf, stage, TOKEN } from './call.fixture.js'
import { createKube } from './create-kube.js'
import type { KubeConnection } from './credentials.js'
import { ADDRESS, objectAt, sendJson } from './server.fixture.js'

describe('credentials', () => {
  /** A connection whose token changes when it is refused. */
  const rotating = (server: string, tokens: string[]): KubeConnection => ({
    server,
    credentials: async () => ({ token: tokens[0] }),
    refuse: () => void tokens.shift(),
  })

  it('fetches them anew when the server refuses them, and asks again at once', async () => {
    const { server, clock } = await stage((response, { headers }) =>
      sendJson(response, headers.authorization === 'Bearer new' ? 200 : 401, objectAt('7')),
    )
    const kube = createKube(rotating(server.url, ['old', 'new']), { clock, retries: 0, timeoutMs: 60_000 })
    expect(await kube.get(ADDRESS)).toEqual(objectAt('7'))
    expect(server.requests.map(({ headers }) => headers.authorization)).toEqual(['Bearer old', 'Bearer new'])
    expect(clock.pauses).toEqual([])
  })

  it('does so once', async () => {
    const { server } = await stage((response) => sendJson(response, 401, {}))
    const kube = createKube(rotating(server.url, ['a', 'b', 'c', 'd']))
    expect(await errorOf(kube.get(ADDRESS))).toMatchObject({ code: 'KUBE_UNAUTHORIZED' })
    expect(server.requests.map(({ headers }) => headers.authorization)).toEqual(['Bearer a', 'Bearer b'])
  })

  it('asks without a token where there is none', async () => {
    const { server } = await stage((response) => sendJson(response, 200, objectAt('7')))
    await createKube({ server: server.url, credentials: async () => ({}) }).get(ADDRESS)
    expect(server.requests[0]?.headers.authorization).toBeUndefined()
  })

  it('does not send a token unencrypted to another machine', async () => {
    const kube = createKube({ server: 'http://203.0.113.1:8080', credentials: async () => ({ token: TOKEN }) })
    const error = await errorOf(kube.get(ADDRESS))
    expect(error).toMatchObject({ code: 'KUBE_CONFIG', message: expect.stringContaining('use https:') })
    expect(String(error)).not.toContain(TOKEN)
  })

  it('refuses a token that no header can hold, without showing it', async () => {
    const { server } = await stage((response) => sendJson(response, 200, objectAt('7')))
    const kube = createKube({ server: server.url, credentials: async () => ({ token: `${TOKEN}\r\nx-admin: yes` }) })
    const error = await errorOf(kube.get(ADDRESS))
    expect(error).toMatchObject({ code: 'KUBE_CONFIG' })
    expect(String(error)).not.toContain(TOKEN)
  })

  it('tells a connection that gives none, with its cause', async () => {
    const { server } = await stage(() => {})
    const cause = new Error('the vault is sealed')
    const kube = createKube({ server: server.url, credentials: () => Promise.reject(cause) })
    expect(await errorOf(kube.get(ADDRESS))).toMatchObject({ code: 'KUBE_UNAUTHORIZED', cause })
  })
})
