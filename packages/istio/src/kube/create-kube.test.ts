import { isCanaryError } from '@model-canary/core'
import { describe, expect, it } from 'vitest'
import { connect, errorOf, stage, TOKEN } from './call.fixture.js'
import { createKube, type KubeOptions } from './create-kube.js'
import { ADDRESS, objectAt, PATH, sendJson } from './server.fixture.js'

describe('the questions', () => {
  it('reads an object at its path, with the bearer token', async () => {
    const { server, kube } = await stage((response) => sendJson(response, 200, objectAt('7')))
    expect(await kube.get(ADDRESS)).toEqual(objectAt('7'))
    expect(server.requests).toMatchObject([
      { method: 'GET', url: PATH, headers: { authorization: `Bearer ${TOKEN}`, accept: 'application/json' } },
    ])
  })

  it('finds the core API below /api, and works below a path of the server', async () => {
    const { server } = await stage((response) => sendJson(response, 200, objectAt('7')))
    const kube = createKube(connect(`${server.url}/k8s/clusters/c-1/`))
    await kube.get({ ...ADDRESS, group: '', plural: 'configmaps' })
    expect(server.requests[0]?.url).toBe('/k8s/clusters/c-1/api/v1/namespaces/default/configmaps/sentiment')
  })

  it('patches as a merge patch, under its own name', async () => {
    const { server, kube } = await stage((response) => sendJson(response, 200, objectAt('8')))
    const patch = { metadata: { resourceVersion: '7' }, spec: { hosts: ['é'] } }
    expect(await kube.mergePatch(ADDRESS, patch)).toEqual(objectAt('8'))
    expect(server.requests).toMatchObject([
      {
        method: 'PATCH',
        url: `${PATH}?fieldManager=model-canary`,
        headers: { 'content-type': 'application/merge-patch+json' },
        body: '{"metadata":{"resourceVersion":"7"},"spec":{"hosts":["é"]}}',
      },
    ])
  })

  it('creates in the collection', async () => {
    const { server, kube } = await stage((response) => sendJson(response, 201, objectAt('1')))
    await kube.create(ADDRESS, objectAt('1'))
    expect(server.requests).toMatchObject([
      {
        method: 'POST',
        url: '/apis/networking.istio.io/v1/namespaces/default/virtualservices?fieldManager=model-canary',
        headers: { 'content-type': 'application/json' },
      },
    ])
  })

  it('reuses its sockets', async () => {
    const { server, kube } = await stage((response) => sendJson(response, 200, objectAt('7')))
    for (let nth = 0; nth < 5; nth += 1) await kube.get(ADDRESS)
    expect(server.sockets.length).toBe(1)
  })

  it.each(['', '..', '../secrets', 'a/b', 'a?b', 'a b'])('refuses the name %j before it asks anybody', async (name) => {
    const { server, kube } = await stage((response) => sendJson(response, 200, objectAt('7')))
    expect(await errorOf(kube.get({ ...ADDRESS, name }))).toMatchObject({ code: 'INVALID_OPTION' })
    expect(server.requests.length).toBe(0)
  })

  it('refuses a patch that JSON cannot hold', async () => {
    const { kube } = await stage((response) => sendJson(response, 200, objectAt('7')))
    expect(await errorOf(kube.mergePatch(ADDRESS, { weight: 1n }))).toMatchObject({ code: 'INVALID_OPTION' })
    expect(await errorOf(kube.mergePatch(ADDRESS, []))).toMatchObject({ code: 'INVALID_OPTION' })
  })
})

describe('createKube', () => {
  it.each([
    [{ retry: 3 }, 'UNKNOWN_OPTION'],
    [{ retries: 1.5 }, 'INVALID_OPTION'],
    [{ retries: Number.NaN }, 'INVALID_OPTION'],
    [{ timeoutMs: Number.NaN }, 'INVALID_OPTION'],
    [{ timeoutMs: 0 }, 'INVALID_OPTION'],
    [{ random: 4 }, 'INVALID_OPTION'],
  ])('refuses the options %j', (options, code) => {
    const make = () => createKube(connect('http://127.0.0.1:1'), options as KubeOptions)
    expect(make).toThrow(expect.objectContaining({ code }))
  })

  it.each(['', 'kubernetes', 'ftp://cluster', 'https://user:secret@cluster', 'https://cluster?a=b'])(
    'refuses the server %j',
    (server) => {
      let error: unknown
      try {
        createKube(connect(server))
      } catch (thrown) {
        error = thrown
      }
      expect(isCanaryError(error, 'KUBE_CONFIG')).toBe(true)
      expect(String(error)).not.toContain('secret')
    },
  )
})
