import { beforeAll, describe, expect, it } from 'vitest'
import './patience.fixture.js'
import { EXPIRED, makeAuthority, makeClientPair, makeServerPair, type Pair } from './certificates.fixture.js'
import { createKube } from './create-kube.js'
import type { KubeCredentials } from './credentials.js'
import { hurriedClock } from './hurried-clock.fixture.js'
import { ADDRESS, objectAt, sendJson, startServer, type TestServer } from './server.fixture.js'

let ca: Pair
let otherCa: Pair
let pair: Pair

beforeAll(async () => {
  ca = await makeAuthority('the cluster')
  otherCa = await makeAuthority('another cluster')
  pair = await makeServerPair(ca, ['127.0.0.1', 'kubernetes.default.svc'])
})

const startTls = (tls: object) => startServer((response) => sendJson(response, 200, objectAt('7')), tls)

/** The result of reading the object, and the number of attempts. */
async function read(server: TestServer | { readonly url: string }, credentials: KubeCredentials) {
  const clock = hurriedClock()
  const kube = createKube({ server: server.url, credentials: async () => credentials }, { clock, timeoutMs: 60_000 })
  const result = await kube.get(ADDRESS).then(
    ({ metadata }) => metadata.resourceVersion,
    (error: unknown) => error,
  )
  return { result, tries: clock.pauses.length + 1 }
}

const unreachable = (words: string) => ({ code: 'KUBE_UNREACHABLE', message: expect.stringContaining(words) })

describe('the certificate of the server', () => {
  it('is accepted if the authority signed it for that host', async () => {
    expect(await read(await startTls(pair), { ca: ca.cert })).toEqual({ result: '7', tries: 1 })
  })

  it('is accepted if one of several authorities signed it', async () => {
    expect(await read(await startTls(pair), { ca: `${otherCa.cert}\n${ca.cert}` })).toEqual({ result: '7', tries: 1 })
  })

  it('is refused at the first attempt if another authority signed it', async () => {
    const { result, tries } = await read(await startTls(pair), { ca: otherCa.cert, token: 'secret' })
    expect(result).toMatchObject(unreachable('signed by an unknown authority'))
    expect(tries).toBe(1)
  })

  it('is refused if no authority is named and Node does not trust it', async () => {
    const { result } = await read(await startTls(pair), {})
    expect(result).toMatchObject(unreachable('signed by an unknown authority'))
  })

  it('is refused at the first attempt if it has expired', async () => {
    const expired = await makeServerPair(ca, ['127.0.0.1'], EXPIRED)
    const { result, tries } = await read(await startTls(expired), { ca: ca.cert })
    expect(result).toMatchObject(unreachable('has expired'))
    expect(result).toMatchObject(unreachable('CERT_HAS_EXPIRED'))
    expect(tries).toBe(1)
  })

  it('is refused if its authority has expired', async () => {
    const expiredCa = await makeAuthority('the cluster', EXPIRED)
    const server = await startTls(await makeServerPair(expiredCa, ['127.0.0.1']))
    expect((await read(server, { ca: expiredCa.cert })).result).toMatchObject(unreachable('has expired'))
  })

  it('is refused at the first attempt if it is for another host', async () => {
    const elsewhere = await makeServerPair(ca, ['kubernetes.default.svc'])
    const { result, tries } = await read(await startTls(elsewhere), { ca: ca.cert })
    expect(result).toMatchObject(unreachable('for another host name'))
    expect(tries).toBe(1)
  })

  it('may be for the serverName instead', async () => {
    const elsewhere = await makeServerPair(ca, ['kubernetes.default.svc'])
    const server = await startTls(elsewhere)
    const result = await read(server, { ca: ca.cert, serverName: 'kubernetes.default.svc' })
    expect(result).toEqual({ result: '7', tries: 1 })
    expect((await read(server, { ca: ca.cert, serverName: 'other.svc' })).result).toMatchObject(
      unreachable('for another host name'),
    )
  })

  it('is not checked if the check is turned off', async () => {
    const expired = await makeServerPair(otherCa, ['elsewhere'], EXPIRED)
    expect(await read(await startTls(expired), { insecureSkipTlsVerify: true })).toEqual({ result: '7', tries: 1 })
  })

  it('is missing if the server does not speak TLS', async () => {
    const plain = await startServer((response) => sendJson(response, 200, objectAt('7')))
    const { result, tries } = await read({ url: plain.url.replace('http:', 'https:') }, { ca: ca.cert })
    expect(result).toMatchObject(unreachable('does not speak TLS'))
    expect(tries).toBe(1)
  })
})

describe('the certificate of the client', () => {
  const mutual = () => startTls({ ...pair, ca: ca.cert, requestCert: true, rejectUnauthorized: true })

  it('is sent to the server', async () => {
    const client = await makeClientPair(ca, 'model-canary')
    expect(await read(await mutual(), { ca: ca.cert, ...client })).toEqual({ result: '7', tries: 1 })
  })

  it('is required by some servers', async () => {
    const { result, tries } = await read(await mutual(), { ca: ca.cert })
    expect(result).toMatchObject(unreachable('requires a client certificate, or rejected this one'))
    expect(tries).toBe(1)
  })

  it('is refused by a server that does not know who signed it', async () => {
    const client = await makeClientPair(otherCa, 'model-canary')
    const { result } = await read(await mutual(), { ca: ca.cert, ...client })
    expect(result).toMatchObject({ code: 'KUBE_UNREACHABLE' }) // Node's server hangs up without a word
  })

  it.each([
    ['is no certificate', () => ({ cert: 'hello', key: pair.key })],
    ['has no key of its own', () => ({ cert: pair.cert, key: otherCa.key })],
    ['has no readable key', () => ({ cert: pair.cert, key: 'hello' })],
  ])('is refused here when it %s', async (_, credentials) => {
    const { result } = await read(await startTls(pair), { ca: ca.cert, ...credentials() })
    expect(result).toMatchObject({ code: 'KUBE_CONFIG' })
  })
})

describe('what TLS is made of', () => {
  it('is refused if the ca is not a certificate', async () => {
    const { result } = await read(await startTls(pair), { ca: 'hello' })
    expect(result).toMatchObject({ code: 'KUBE_CONFIG', message: expect.stringContaining('not a PEM certificate') })
  })

  it('is loaded again when it changes, and only then', async () => {
    const server = await startTls(pair)
    let credentials: KubeCredentials = { ca: ca.cert, token: 'one' }
    const kube = createKube({ server: server.url, credentials: async () => credentials }, { retries: 0 })
    await kube.get(ADDRESS)
    credentials = { ca: ca.cert, token: 'two' }
    await kube.get(ADDRESS)
    expect(server.sockets.length).toBe(1)
    credentials = { ca: otherCa.cert, token: 'two' }
    await expect(kube.get(ADDRESS)).rejects.toMatchObject(unreachable('unknown authority'))
    credentials = { ca: `${otherCa.cert}\n${ca.cert}`, token: 'two' }
    expect((await kube.get(ADDRESS)).metadata.resourceVersion).toBe('7')
    expect(server.sockets.length).toBe(3)
  })

  it('does not send a token to a server that it does not trust', async () => {
    const server = await startTls(pair)
    await read(server, { ca: otherCa.cert, token: 'secret' })
    expect(server.requests.length).toBe(0)
  })
})
