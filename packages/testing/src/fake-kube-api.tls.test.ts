import { request } from 'node:https'
import { generate } from 'selfsigned'
import { expect, it, onTestFinished } from 'vitest'
import { COLLECTION } from './fake-kube-api/server.fixture.js'
import { fakeKubeApi } from './fake-kube-api.js'

const makeCertificate = () =>
  generate([{ name: 'commonName', value: 'fake' }], {
    keySize: 2048,
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
  })

function statusOf(url: string, options: object): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    request(`${url}${COLLECTION}`, { agent: false, ...options }, (response) => {
      response.resume()
      resolve(response.statusCode)
    })
      .on('error', reject)
      .end()
  })
}

it('speaks TLS, and knows a client by its certificate or its token', async () => {
  const [server, client, stranger] = await Promise.all([makeCertificate(), makeCertificate(), makeCertificate()])
  const tls = { key: server.private, cert: server.cert, ca: client.cert, requestCert: true }
  const api = await fakeKubeApi({ tls })
  onTestFinished(() => api.close())
  expect(api.url).toMatch(/^https:/)

  const ca = server.cert
  expect(await statusOf(api.url, { ca, headers: { authorization: `Bearer ${api.token}` } })).toBe(200)
  expect(await statusOf(api.url, { ca, key: client.private, cert: client.cert })).toBe(200)
  expect(await statusOf(api.url, { ca, key: stranger.private, cert: stranger.cert })).toBe(401)
  expect(await statusOf(api.url, { ca })).toBe(401)
  await expect(statusOf(api.url, { ca: stranger.cert })).rejects.toThrow(/self-signed/)
})
