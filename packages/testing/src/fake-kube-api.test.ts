import { describe, expect, it } from 'vitest'
import { COLLECTION, PATH, patching, SENTIMENT, start } from './fake-kube-api/server.fixture.js'
import { fakeKubeApi } from './fake-kube-api.js'

describe('fakeKubeApi as another client', () => {
  it('puts an object where a request finds it', async () => {
    const { api, send } = await start({ now: () => Date.UTC(2026, 10, 25, 12) })
    const stored = api.put(SENTIMENT)
    expect(stored).toEqual({
      ...SENTIMENT,
      metadata: {
        name: 'sentiment',
        namespace: 'default',
        uid: expect.stringMatching(/^[0-9a-f-]{36}$/),
        creationTimestamp: '2026-11-25T12:00:00Z',
        generation: 1,
        resourceVersion: '1001',
      },
    })
    expect(await send({ path: PATH })).toMatchObject({ status: 200, body: stored })
  })

  it('puts an object again: the same uid, a higher generation where the content is another', async () => {
    const { api } = await start()
    const { metadata } = api.put(SENTIMENT)
    const again = api.put({ ...SENTIMENT, spec: { hosts: ['sentiment', 'mood'] } })
    expect(again.metadata).toEqual({ ...metadata, generation: 2, resourceVersion: '1002' })
    expect(api.put(again)).toEqual(again)
  })

  it('changes an object under any path of it, and the status too', async () => {
    const { api } = await start()
    api.put(SENTIMENT)
    const changed = api.change(PATH.replace('/v1/', '/v1beta1/'), {
      status: { ready: true },
      spec: { gateways: ['mesh'] },
    })
    expect(changed).toMatchObject({
      apiVersion: 'networking.istio.io/v1beta1',
      metadata: { generation: 2, resourceVersion: '1002' },
      spec: { hosts: ['sentiment'], gateways: ['mesh'] },
      status: { ready: true },
    })
    expect(api.peek(PATH)).toMatchObject({ apiVersion: 'networking.istio.io/v1', status: { ready: true } })
  })

  it('gives out copies', async () => {
    const { api } = await start()
    Object.assign(api.put(SENTIMENT).spec as object, { hosts: [] })
    expect(api.peek(PATH)?.spec).toEqual({ hosts: ['sentiment'] })
  })

  it('removes an object, and then has none', async () => {
    const { api } = await start()
    api.put(SENTIMENT)
    api.remove(PATH)
    expect(api.peek(PATH)).toBeUndefined()
    expect(() => api.remove(PATH)).toThrow('there is no object')
    expect(() => api.change(PATH, {})).toThrow('there is no object')
  })

  it('refuses what it does not serve, and says how to write it', async () => {
    const { api } = await start()
    expect(() => api.put({ ...SENTIMENT, kind: 'Gateway' })).toThrow('Gateway of networking.istio.io/v1 is not served')
    expect(() => api.put({ ...SENTIMENT, metadata: {} })).toThrow('name or generateName is required')
    expect(() => api.peek(COLLECTION)).toThrow("is no object's path")
  })

  it('refuses options that nobody reads', async () => {
    await expect(fakeKubeApi({ tokn: 'x' } as never)).rejects.toMatchObject({ code: 'UNKNOWN_OPTION' })
    await expect(fakeKubeApi({ namespaces: ['Not a name'] })).rejects.toMatchObject({ code: 'INVALID_OPTION' })
    await expect(fakeKubeApi({ token: '' })).rejects.toMatchObject({ code: 'INVALID_OPTION' })
  })
})

describe('fakeKubeApi over HTTP', () => {
  it('keeps every request with its query, type and body', async () => {
    const { api, send } = await start()
    await send(patching({ metadata: {} }, `${PATH}?fieldManager=model-canary`))
    await send({ method: 'POST', path: COLLECTION, body: '{', contentType: 'application/json; charset=utf-8' })
    expect(api.requests).toEqual([
      {
        method: 'PATCH',
        path: `${PATH}?fieldManager=model-canary`,
        contentType: 'application/merge-patch+json',
        body: { metadata: {} },
      },
      { method: 'POST', path: COLLECTION, contentType: 'application/json', body: '{' },
    ])
  })

  it('accepts one token, and another after a rotation', async () => {
    const { api, send } = await start({ token: 'first' })
    expect((await send({ path: COLLECTION })).status).toBe(200)
    expect((await send({ path: COLLECTION, token: '' })).status).toBe(401)
    api.rotateToken('second')
    expect(await send({ path: COLLECTION })).toMatchObject({
      status: 401,
      body: { kind: 'Status', reason: 'Unauthorized' },
    })
    expect((await send({ path: COLLECTION, token: api.token })).status).toBe(200)
  })

  it('answers 403 with verb, resource and namespace where no role allows it', async () => {
    const rule = { apiGroups: ['networking.istio.io'], resources: ['virtualservices'], resourceNames: ['sentiment'] }
    const { api, send } = await start({ roles: [{ ...rule, verbs: ['get', 'watch', 'list'] }] })
    api.put(SENTIMENT)
    expect((await send({ path: PATH })).status).toBe(200)
    expect((await send({ path: `${COLLECTION}?fieldSelector=metadata.name%3Dsentiment` })).status).toBe(200)
    expect((await send({ path: COLLECTION })).status).toBe(403)
    expect(await send(patching({}))).toMatchObject({
      status: 403,
      body: {
        kind: 'Status',
        reason: 'Forbidden',
        message:
          'virtualservices.networking.istio.io "sentiment" is forbidden: User "system:serviceaccount:default:model-canary" cannot patch resource "virtualservices" in API group "networking.istio.io" in the namespace "default"',
        details: { name: 'sentiment', group: 'networking.istio.io', kind: 'virtualservices' },
      },
    })
    api.allow(undefined)
    expect((await send(patching({}))).status).toBe(200)
  })

  it('answers 404 with a Status to a resource, a version and a path that it does not serve', async () => {
    const { send } = await start()
    const paths = [
      '/apis/example.com/v1/namespaces/default/things',
      COLLECTION.replace('/v1/', '/v2/'),
      '/nonsense',
      '/%zz',
    ]
    for (const path of paths) {
      expect(await send({ path })).toMatchObject({
        status: 404,
        body: { kind: 'Status', reason: 'NotFound', code: 404 },
      })
    }
  })

  it('answers 405 to what a resource cannot be asked', async () => {
    const { api, send } = await start()
    api.put(SENTIMENT)
    for (const asked of [
      { method: 'DELETE', path: COLLECTION },
      { method: 'POST', path: PATH, body: {} },
    ]) {
      expect(await send(asked)).toMatchObject({ status: 405, body: { reason: 'MethodNotAllowed' } })
    }
  })

  it('refuses a selector that it does not know, rather than list too much', async () => {
    const { send } = await start()
    for (const query of ['labelSelector=app%3Dx', 'fieldSelector=spec.hosts%3Dx', 'fieldSelector=metadata.name!%3Dx']) {
      expect((await send({ path: `${COLLECTION}?${query}` })).status).toBe(400)
    }
  })

  it('writes the status by its own path, and by no other', async () => {
    const { api, send } = await start()
    await send({ method: 'POST', path: COLLECTION, body: { ...SENTIMENT, status: { ready: true } } })
    await send(patching({ status: { ready: true } }))
    expect(api.peek(PATH)).not.toHaveProperty('status')
    await send(patching({ status: { ready: true }, spec: { hosts: [] } }, `${PATH}/status`))
    expect(api.peek(PATH)).toMatchObject({
      status: { ready: true },
      spec: { hosts: ['sentiment'] },
      metadata: { generation: 1 },
    })
  })

  it('takes a strategic merge patch on a ConfigMap, which has no generation', async () => {
    const { api, send } = await start()
    const path = '/api/v1/namespaces/default/configmaps/settings'
    api.put({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings' }, data: { a: '1' } })
    const contentType = 'application/strategic-merge-patch+json'
    expect((await send({ method: 'PATCH', path, body: { data: { b: '2' } }, contentType })).status).toBe(200)
    expect(api.peek(path)).toMatchObject({ data: { a: '1', b: '2' } })
    expect(api.peek(path)?.metadata).not.toHaveProperty('generation')
  })

  it('only says what would come of a dry run', async () => {
    const { api, send } = await start()
    const made = await send({ method: 'POST', path: `${COLLECTION}?dryRun=All`, body: SENTIMENT })
    expect(made).toMatchObject({ status: 201, body: { metadata: { name: 'sentiment' } } })
    expect(api.peek(PATH)).toBeUndefined()
  })

  it('makes an object by an apply, and books what is written under those who write', async () => {
    const { api, send } = await start()
    const apply = (by: string, body: object) =>
      send({ ...patching(body, `${PATH}?fieldManager=${by}`), contentType: 'application/apply-patch+yaml' })
    expect(await apply('git', SENTIMENT)).toMatchObject({ status: 201 })
    expect(await apply('git', SENTIMENT)).toMatchObject({
      status: 200,
      body: { metadata: { resourceVersion: '1001' } },
    })
    await send(patching({ metadata: { annotations: { by: 'us' } } }, `${PATH}?fieldManager=us`))
    expect(api.peek(PATH)?.metadata.managedFields).toMatchObject([
      { manager: 'git', operation: 'Apply', fieldsType: 'FieldsV1', fieldsV1: { 'f:spec': { 'f:hosts': {} } } },
      { manager: 'us', operation: 'Update', fieldsV1: { 'f:metadata': { 'f:annotations': { 'f:by': {} } } } },
    ])
    expect(await apply('', SENTIMENT)).toMatchObject({ status: 400 })
    const elsewhere = `${PATH}?fieldManager=git`.replace('/default/', '/nowhere/')
    const made = await send({ ...patching(SENTIMENT, elsewhere), contentType: 'application/apply-patch+yaml' })
    expect(made).toMatchObject({ status: 404, body: { message: 'namespaces "nowhere" not found' } })
  })

  it('tells of a deletion that waits for a finalizer, also one by another client', async () => {
    const { api, send, watch } = await start({ now: () => Date.UTC(2026, 10, 25, 12) })
    const { metadata } = api.put({ ...SENTIMENT, metadata: { name: 'sentiment', finalizers: ['example.com/keep'] } })
    const events = await watch(`${COLLECTION}?watch=true&resourceVersion=${metadata.resourceVersion}`)
    api.remove(PATH)
    api.remove(PATH)
    expect(await send({ method: 'DELETE', path: PATH })).toMatchObject({
      status: 200,
      body: { kind: 'VirtualService' },
    })
    expect(api.peek(PATH)?.metadata).toMatchObject({ deletionTimestamp: '2026-11-25T12:00:00Z', generation: 2 })
    const late = { metadata: { finalizers: ['example.com/keep', 'example.com/more'] } }
    expect(await send(patching(late))).toMatchObject({ status: 422 })
    api.change(PATH, { metadata: { finalizers: null } })
    expect(api.peek(PATH)).toBeUndefined()
    expect([(await events.next()).type, (await events.next()).type]).toEqual(['MODIFIED', 'DELETED'])
  })

  it('lists over all namespaces', async () => {
    const { api, send } = await start()
    api.put(SENTIMENT)
    api.put({ ...SENTIMENT, metadata: { name: 'sentiment', namespace: 'staging' } })
    const { body } = await send({ path: '/apis/networking.istio.io/v1/virtualservices' })
    expect(body).toMatchObject({
      items: [{ metadata: { namespace: 'default' } }, { metadata: { namespace: 'staging' } }],
    })
  })

  it('refuses a body that is larger than a real server takes', async () => {
    const { send } = await start()
    const body = JSON.stringify({ ...SENTIMENT, spec: { hosts: ['x'.repeat(3_145_728)] } })
    expect(await send({ method: 'POST', path: COLLECTION, body })).toMatchObject({ status: 413 })
  })

  it('keeps __proto__ in a body away from every prototype', async () => {
    const { api, send } = await start()
    api.put(SENTIMENT)
    await send({ ...patching({}), body: '{"spec":{"__proto__":{"polluted":true}}}' })
    expect(Object.keys(api.peek(PATH)!.spec as object)).toEqual(['hosts'])
    const path = '/api/v1/namespaces/default/configmaps/settings'
    api.put({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings' } })
    await send({ ...patching({}, path), body: '{"data":{"__proto__":"polluted"}}' })
    expect(Object.keys(api.peek(path)!.data as object)).toEqual(['__proto__'])
    expect({}).not.toHaveProperty('polluted')
  })

  it('tells kubectl what is served', async () => {
    const { send } = await start()
    const served = ['networking.istio.io', 'gateway.networking.k8s.io', 'coordination.k8s.io']
    const groups = { groups: served.map((name) => ({ name })) }
    expect((await send({ path: '/api' })).body).toMatchObject({ kind: 'APIVersions', versions: ['v1'] })
    expect((await send({ path: '/apis' })).body).toMatchObject({ kind: 'APIGroupList', ...groups })
    const { body } = await send({ path: '/apis/networking.istio.io/v1beta1' })
    const { resources } = body as { readonly resources: readonly { readonly name: string }[] }
    const names = ['virtualservices', 'virtualservices/status', 'destinationrules', 'destinationrules/status']
    expect(resources.map(({ name }) => name)).toEqual(names)
  })
})
