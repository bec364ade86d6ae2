import { describe, expect, it } from 'vitest'
import { COLLECTION, PATH, patching, SENTIMENT, start } from './fake-kube-api/server.fixture.js'

describe('fail', () => {
  it('answers only the next matching request with a Status', async () => {
    const { api, send } = await start()
    api.put(SENTIMENT)
    api.fail({ method: 'PATCH', path: /sentiment$/, status: 503, message: 'etcd is away' })
    expect((await send({ path: PATH })).status).toBe(200)
    expect(await send(patching({}))).toMatchObject({
      status: 503,
      body: { kind: 'Status', reason: 'ServiceUnavailable', message: 'etcd is away', code: 503 },
    })
    expect((await send(patching({}))).status).toBe(200)
  })

  it('fails the given number of times, one failure after the other', async () => {
    const { api, send } = await start()
    api.fail({ status: 500, times: 2 })
    api.fail({ status: 429 })
    const statuses: number[] = []
    for (let turn = 0; turn < 4; turn++) statuses.push((await send({ path: COLLECTION })).status)
    expect(statuses).toEqual([500, 500, 429, 200])
  })

  it('sends Retry-After along with a 429', async () => {
    const { api, open } = await start()
    api.fail({ status: 429, retryAfterS: 3 })
    const response = await open({ path: COLLECTION })
    expect(`${response.statusCode} after ${response.headers['retry-after']}`).toBe('429 after 3')
    response.resume()
  })

  it('answers with a page in place of a Status', async () => {
    const { api, send } = await start()
    api.fail({ status: 502, text: 'Bad gateway' })
    expect(await send({ path: COLLECTION })).toMatchObject({ status: 502, body: 'Bad gateway' })
  })

  it('lets another writer come first', async () => {
    const { api, send } = await start()
    const { resourceVersion } = api.put(SENTIMENT).metadata
    api.fail({ method: 'PATCH', before: () => void api.change(PATH, { metadata: { annotations: { by: 'another' } } }) })
    const write = () => send(patching({ metadata: { resourceVersion, annotations: { by: 'us' } } }))
    expect(await write()).toMatchObject({ status: 409, body: { reason: 'Conflict' } })
    expect(api.peek(PATH)?.metadata.annotations).toEqual({ by: 'another' })
  })

  it('cuts the connection before the request is carried out', async () => {
    const { api, send } = await start()
    api.put(SENTIMENT)
    api.fail({ cut: true })
    await expect(send(patching({ spec: { hosts: [] } }))).rejects.toThrow('socket hang up')
    expect(api.peek(PATH)?.spec).toEqual({ hosts: ['sentiment'] })
  })

  it('loses the answer to a request that was carried out', async () => {
    const { api, send } = await start()
    api.put(SENTIMENT)
    api.fail({ cut: 'answer' })
    await expect(send(patching({ spec: { hosts: [] } }))).rejects.toThrow('socket hang up')
    expect(api.peek(PATH)?.spec).toEqual({ hosts: [] })
  })

  it('keeps a request waiting, and lets it go when the server closes', async () => {
    const { api, send, until } = await start()
    api.fail({ delayMs: 600_000 })
    const answer = send({ path: COLLECTION }).catch((error: Error) => error.message)
    await until('the request arrives', () => api.requests.length === 1)
    await api.close()
    expect(await answer).toBe('socket hang up')
  })

  it('answers normally after a delay', async () => {
    const { api, send } = await start()
    api.fail({ delayMs: 5 })
    expect((await send({ path: COLLECTION })).status).toBe(200)
  })

  it('refuses an invalid failure', async () => {
    const { api } = await start()
    expect(() => api.fail({ stauts: 500 } as never)).toThrow('no option "stauts"')
    expect(() => api.fail({ times: Number.NaN })).toThrow('times')
    expect(() => api.fail({ path: 'sentiment' } as never)).toThrow('regular expression')
  })
})
