import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { manualClock } from '@model-canary/testing'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import './patience.fixture.js'
import { makeAuthority, makeServerPair } from './certificates.fixture.js'
import { createKube } from './create-kube.js'
import { type InClusterOptions, inCluster } from './in-cluster.js'
import { scratchFolder } from './scratch-folder.fixture.js'
import { ADDRESS, objectAt, sendJson, startServer } from './server.fixture.js'

beforeEach(() => {
  vi.stubEnv('KUBERNETES_SERVICE_HOST', undefined)
  vi.stubEnv('KUBERNETES_SERVICE_PORT', undefined)
})
afterEach(() => vi.unstubAllEnvs())

/** A service account as the kubelet mounts it. */
function mount({ token = 'first', ca = 'a ca', namespace = 'models' } = {}): string {
  const folder = scratchFolder()
  writeFileSync(join(folder, 'token'), token)
  writeFileSync(join(folder, 'ca.crt'), ca)
  writeFileSync(join(folder, 'namespace'), namespace)
  return folder
}

const refused = (words: string) =>
  expect.objectContaining({ code: 'KUBE_CONFIG', message: expect.stringContaining(words) })

describe('inCluster', () => {
  it('finds the server in the environment, and the rest in the folder', async () => {
    vi.stubEnv('KUBERNETES_SERVICE_HOST', '10.96.0.1')
    vi.stubEnv('KUBERNETES_SERVICE_PORT', '6443')
    const connection = inCluster({ folder: mount() })
    expect(connection).toMatchObject({ server: 'https://10.96.0.1:6443', namespace: 'models' })
    expect(await connection.credentials()).toEqual({ token: 'first', ca: 'a ca' })
  })

  it.each([
    ['fd00::1', 'https://[fd00::1]:6443'],
    ['[fd00::1]', 'https://[fd00::1]:6443'],
    ['kubernetes.default.svc', 'https://kubernetes.default.svc:6443'],
  ])('takes the host %s', (host, server) => {
    expect(inCluster({ folder: mount(), host, port: 6443 }).server).toBe(server)
  })

  it('works without a namespace', () => {
    const folder = mount()
    rmSync(join(folder, 'namespace'))
    expect(inCluster({ folder, host: 'h', port: 1 }).namespace).toBeUndefined()
  })

  it('reads a rotated token within a minute', async () => {
    const clock = manualClock()
    const folder = mount()
    const connection = inCluster({ folder, host: 'h', port: 1, clock })
    writeFileSync(join(folder, 'token'), 'second')
    expect(await connection.credentials()).toMatchObject({ token: 'first' })
    await clock.advance(60_000)
    expect(await connection.credentials()).toMatchObject({ token: 'second' })
  })

  it('reads a rotated token immediately when the server rejects the old one', async () => {
    const authority = await makeAuthority('the cluster')
    const pair = await makeServerPair(authority, ['127.0.0.1'])
    let accepted = 'Bearer first'
    const server = await startServer(
      (response, { headers }) => sendJson(response, headers.authorization === accepted ? 200 : 401, objectAt('7')),
      pair,
    )
    const folder = mount({ ca: authority.cert })
    const kube = createKube(inCluster({ folder, host: '127.0.0.1', port: server.port }))
    await kube.get(ADDRESS)
    accepted = 'Bearer second'
    writeFileSync(join(folder, 'token'), 'second')
    expect((await kube.get(ADDRESS)).metadata.resourceVersion).toBe('7')
    expect(server.requests.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer first',
      'Bearer first',
      'Bearer second',
    ])
  })

  it('reports that this is not a pod', () => {
    expect(() => inCluster({ folder: mount() })).toThrow(refused('this is not a pod'))
    expect(() => inCluster({ folder: mount(), host: 'h' })).toThrow(refused('this is not a pod'))
  })

  it.each(['token', 'ca.crt'])('reports immediately that %s does not exist', (name) => {
    const folder = mount()
    rmSync(join(folder, name))
    expect(() => inCluster({ folder, host: 'h', port: 1 })).toThrow(refused(join(folder, name)))
  })

  it('refuses an invalid host, an invalid port and an unknown option', () => {
    const folder = mount()
    expect(() => inCluster({ folder, host: 'a b', port: 1 })).toThrow(refused('URL'))
    expect(() => inCluster({ folder, host: 'h', port: 'x' })).toThrow(refused('URL'))
    expect(() => inCluster({ folders: folder } as InClusterOptions)).toThrow(
      expect.objectContaining({ code: 'UNKNOWN_OPTION' }),
    )
  })
})
