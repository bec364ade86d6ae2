import { describe, expect, it } from 'vitest'
import { COLLECTION, PATH, SENTIMENT, start } from './fake-kube-api/server.fixture.js'

const watching = (query = '') => `${COLLECTION}?watch=true${query}`

describe('watches of fakeKubeApi', () => {
  it('hear of what another client does', async () => {
    const { api, watch } = await start()
    const events = await watch(watching())
    api.put(SENTIMENT)
    api.change(PATH, { status: { ready: true } })
    api.remove(PATH)
    const told = [await events.next(), await events.next(), await events.next()]
    expect(told.map(({ type, object }) => `${type} ${object.metadata.resourceVersion}`)).toEqual([
      'ADDED 1001',
      'MODIFIED 1002',
      'DELETED 1003',
    ])
  })

  it('hear nothing of a change that changes nothing', async () => {
    const { api, watch } = await start()
    api.put(SENTIMENT)
    const events = await watch(watching('&resourceVersion=1001'))
    expect(api.change(PATH, { spec: { hosts: ['sentiment'] } }).metadata.resourceVersion).toBe('1001')
    api.remove(PATH)
    expect((await events.next()).type).toBe('DELETED')
  })

  it('are counted until their clients leave', async () => {
    const { api, watch, until } = await start()
    const events = await watch(watching())
    expect(api.watchCount).toBe(1)
    events.close()
    await until('the watch is gone', () => api.watchCount === 0)
  })

  it('are cut all at once, and the server goes on', async () => {
    const { api, watch, send } = await start()
    const events = await watch(watching())
    api.cutWatches()
    await expect(events.next()).rejects.toThrow('aborted')
    expect((await send({ path: COLLECTION })).status).toBe(200)
  })

  it('get a bookmark where they asked for some, and only there', async () => {
    const { api, watch } = await start()
    const [asking, other] = [await watch(watching('&allowWatchBookmarks=true')), await watch(watching())]
    api.put({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'elsewhere' } })
    api.bookmark()
    api.put(SENTIMENT)
    expect(await asking.next()).toEqual({
      type: 'BOOKMARK',
      object: { apiVersion: 'networking.istio.io/v1', kind: 'VirtualService', metadata: { resourceVersion: '1001' } },
    })
    expect((await other.next()).type).toBe('ADDED')
  })

  it('get 410 in the stream after the history was forgotten', async () => {
    const { api, watch } = await start()
    api.put(SENTIMENT)
    api.change(PATH, { spec: { hosts: [] } })
    api.compact()
    const events = await watch(watching('&resourceVersion=1001'))
    expect(await events.next()).toEqual({
      type: 'ERROR',
      object: {
        kind: 'Status',
        apiVersion: 'v1',
        metadata: {},
        status: 'Failure',
        message: 'too old resource version: 1001 (1002)',
        reason: 'Expired',
        code: 410,
      },
    })
    await events.end()
    expect(api.watchCount).toBe(0)
  })

  it('resume from the newest resourceVersion also then', async () => {
    const { api, watch } = await start()
    api.put(SENTIMENT)
    api.compact()
    const events = await watch(watching('&resourceVersion=1001'))
    api.remove(PATH)
    expect((await events.next()).type).toBe('DELETED')
  })

  it('end when the server closes', async () => {
    const { api, watch } = await start()
    const events = await watch(watching())
    await api.close()
    await expect(events.next()).rejects.toThrow('aborted')
  })

  it('refuse what they do not understand', async () => {
    const { send } = await start()
    expect((await send({ path: watching('&resourceVersion=abc') })).status).toBe(400)
    expect((await send({ path: watching('&labelSelector=a%3Db') })).status).toBe(400)
    expect((await send({ path: watching('&sendInitialEvents=true') })).status).toBe(422)
  })
})
