import { createServer } from 'node:net'
import { describe, expect, it } from 'vitest'
import { unhandledIn } from '../foundation/unhandled.fixture.js'
import { type DeliveryRetries, deliver } from './deliver.js'
import { type EndpointOptions, resolveEndpoint } from './endpoint.js'
import { nowhere, type Receiver, receiver, statuses, until, watchedClock } from './receiver.fixture.js'
import { verifyWebhook } from './verify-webhook.js'

const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const letter = { id: 'msg_1', body: '{"text":"ü"}' }

/** Delivers the letter; at a middling chance the pauses are half a second, one second, two … */
function start(url: string, given: Partial<EndpointOptions & DeliveryRetries> = {}) {
  const clock = watchedClock()
  const { retries = 5, random = () => 0.5, signal = new AbortController().signal, ...options } = given
  const endpoint = resolveEndpoint('test', { url, clock, ...options })
  return { clock, delivered: deliver(endpoint, letter, { retries, random, signal }) }
}

describe('a letter', () => {
  it('is posted with everything that a receiver needs to verify it', async () => {
    const to = await receiver()
    const { delivered, clock } = start(to.url, { secret, headers: { authorization: 'Bearer abc' } })
    expect(await delivered).toBeUndefined()
    const [{ method, path, headers, body }] = to.received as [Receiver['received'][number]]
    expect([method, path, body]).toEqual(['POST', '/hook', '{"text":"ü"}'])
    expect(headers).toMatchObject({
      authorization: 'Bearer abc',
      'content-type': 'application/json',
      'content-length': '13',
      'user-agent': expect.stringMatching(/^model-canary\/\d/),
      'idempotency-key': 'msg_1',
      'webhook-id': 'msg_1',
      'webhook-timestamp': '1767225600',
    })
    expect(verifyWebhook({ headers, body, secret, now: clock.now() })).toBe(true)
    expect(verifyWebhook({ headers, body: `${body} `, secret, now: clock.now() })).toBe(false)
  })

  it('is not signed without a secret', async () => {
    const to = await receiver()
    await start(to.url).delivered
    expect(to.received[0]!.headers).not.toHaveProperty('webhook-signature')
  })

  it('is delivered when the status arrives, regardless of the body', async () => {
    const to = await receiver((response) => response.writeHead(200).write('a body that never ends'))
    expect(await start(to.url).delivered).toBeUndefined()
  })
})

describe('a retry', () => {
  it('follows a failure of the receiver, with the same id and a new signature', async () => {
    const to = await receiver(statuses(503, 500, 204))
    const { delivered, clock } = start(to.url, { secret })
    await clock.scheduled(500)
    await clock.manual.advance(500)
    await clock.scheduled(1_000)
    await clock.manual.advance(1_000)
    expect(await delivered).toBeUndefined()
    const seen = to.received.map(({ headers }) => [headers['webhook-id'], headers['webhook-timestamp']])
    expect(seen).toEqual([
      ['msg_1', '1767225600'],
      ['msg_1', '1767225600'],
      ['msg_1', '1767225601'],
    ])
    for (const { headers, body } of to.received) {
      expect(verifyWebhook({ headers, body, secret, now: clock.now() })).toBe(true)
    }
  })

  it('waits as long as the receiver asks for', async () => {
    const to = await receiver((response, count) =>
      response.writeHead(count === 1 ? 429 : 200, count === 1 ? { 'retry-after': '7' } : {}).end(),
    )
    const { delivered, clock } = start(to.url)
    await clock.scheduled(7_000)
    await clock.manual.advance(6_999)
    expect(to.received).toHaveLength(1)
    await clock.manual.advance(1)
    expect(await delivered).toBeUndefined()
  })

  it('follows a refused connection, and is given up in the end', async () => {
    const { delivered, clock } = start(await nowhere(), { retries: 1 })
    await clock.scheduled(500)
    await clock.manual.advance(500)
    const error = await delivered
    expect(error).toMatchObject({ code: 'WEBHOOK_FAILED', cause: expect.any(Error) })
    expect(error!.message).toMatch(/did not accept a message in 2 attempts: connect ECONNREFUSED/)
  })

  it('follows a connection that is cut', async () => {
    const cut = createServer((socket) => socket.destroy())
    await new Promise<void>((resolve) => cut.listen(0, '127.0.0.1', resolve))
    const { port } = cut.address() as { port: number }
    const { delivered, clock } = start(`http://127.0.0.1:${port}`, { retries: 1 })
    await clock.scheduled(500)
    await clock.manual.advance(500)
    expect(await delivered).toMatchObject({ code: 'WEBHOOK_FAILED' })
    cut.close()
  })

  it('follows the time limit of a receiver that hangs', async () => {
    const to = await receiver((response, count) => void (count > 1 && response.end()))
    const unhandled = await unhandledIn(async () => {
      const { delivered, clock } = start(to.url, { timeoutMs: 3_000 })
      await until(() => to.received.length === 1)
      await clock.manual.advance(3_000)
      await clock.scheduled(500)
      await clock.manual.advance(500)
      expect(await delivered).toBeUndefined()
      expect(clock.manual.pending).toBe(0)
    })
    expect(unhandled).toEqual([])
  })

  it.each([400, 401, 404, 410, 422])('is not made after %i', async (status) => {
    const to = await receiver(statuses(status))
    const error = await start(to.url).delivered
    expect(error!.message).toMatch(new RegExp(`in 1 attempt: it answered ${status}$`))
    expect(to.received).toHaveLength(1)
  })

  it.each([301, 302, 307, 308])(
    'is not sent to another address: a redirect with %i is not followed',
    async (status) => {
      const elsewhere = await receiver()
      const to = await receiver((response) => response.writeHead(status, { location: elsewhere.url }).end())
      const error = await start(to.url, { secret }).delivered
      expect(error!.message).toMatch(/redirects are not followed/)
      expect([to.received.length, elsewhere.received.length]).toEqual([1, 0])
    },
  )

  it('is not made after the delivery is no longer wanted', async () => {
    const to = await receiver(statuses(503))
    const giveUp = new AbortController()
    const { delivered, clock } = start(to.url, { signal: giveUp.signal })
    await clock.scheduled(500)
    giveUp.abort()
    expect((await delivered)!.message).toMatch(/in 1 attempt: it answered 503$/)
    expect([to.received.length, clock.manual.pending]).toEqual([1, 0])
  })
})

it('no timer of a delivery keeps the process alive', async () => {
  const to = await receiver(statuses(503))
  const { delivered, clock } = start(to.url, { retries: 1 })
  await clock.scheduled(500)
  await clock.manual.advance(500)
  await delivered
  expect([clock.keptAlive, clock.delays]).toEqual([[], [5_000, 500, 5_000]])
})

it('a failure shows neither the path of the address, nor the secret, nor a header', async () => {
  const to = await receiver(statuses(403))
  const error = await start(`${to.url}/pass-word`, { secret, headers: { 'x-key': 'pass-word' } }).delivered
  expect(error!.message).toMatch(/^\[WEBHOOK_FAILED\] http:\/\/127\.0\.0\.1:\d+ did not accept/)
  expect(error!.message).not.toMatch(/pass-word|whsec_/)
})
