import { mkdirSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { manualClock } from '@model-canary/testing'
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import './patience.fixture.js'
import { makeAuthority, makeClientPair, makeServerPair, type Pair } from './certificates.fixture.js'
import { createKube } from './create-kube.js'
import { writePlugin } from './exec-plugin.fixture.js'
import { writeKubeconfig } from './kubeconfig.fixture.js'
import { type KubeconfigOptions, kubeconfig } from './kubeconfig.js'
import { scratchFolder } from './scratch-folder.fixture.js'
import { ADDRESS, objectAt, sendJson, startServer } from './server.fixture.js'

const TOKEN = 'a-token-that-nobody-may-see'
const base64 = (text: string) => Buffer.from(text).toString('base64')
const refused = (words: string) =>
  expect.objectContaining({ code: 'KUBE_CONFIG', message: expect.stringContaining(words) })

let ca: Pair
let client: Pair

beforeAll(async () => {
  ca = await makeAuthority('the cluster')
  client = await makeClientPair(ca, 'model-canary')
})
afterEach(() => vi.unstubAllEnvs())

describe('kubeconfig', () => {
  it('returns the server, the namespace and the credentials of the current context', async () => {
    const path = writeKubeconfig(scratchFolder(), {
      cluster: { 'certificate-authority-data': base64(ca.cert), 'tls-server-name': 'kubernetes' },
      user: { token: TOKEN, 'client-certificate-data': base64(client.cert), 'client-key-data': base64(client.key) },
      context: { namespace: 'models' },
    })
    const connection = kubeconfig({ path })
    expect(connection).toMatchObject({ server: 'https://127.0.0.1:6443', namespace: 'models' })
    expect(await connection.credentials()).toEqual({
      token: TOKEN,
      ca: ca.cert,
      cert: client.cert,
      key: client.key,
      serverName: 'kubernetes',
      insecureSkipTlsVerify: false,
    })
  })

  it('takes another context by its name', () => {
    const root = {
      clusters: [
        { name: 'a', cluster: { server: 'https://a' } },
        { name: '__proto__', cluster: { server: 'https://b' } },
      ],
      contexts: [
        { name: 'here', context: { cluster: 'a' } },
        { name: 'there', context: { cluster: '__proto__' } },
      ],
    }
    const path = writeKubeconfig(scratchFolder(), { root })
    expect(kubeconfig({ path }).server).toBe('https://a')
    expect(kubeconfig({ path, context: 'there' }).server).toBe('https://b')
  })

  it('reads the first file of KUBECONFIG, or the one of the home folder', () => {
    const folder = scratchFolder()
    const first = writeKubeconfig(folder, { cluster: { server: 'https://first' } })
    vi.stubEnv('KUBECONFIG', ['', first, join(folder, 'none')].join(delimiter))
    expect(kubeconfig().server).toBe('https://first')

    const home = scratchFolder()
    mkdirSync(join(home, '.kube'))
    writeKubeconfig(join(home, '.kube'), { cluster: { server: 'https://home' } })
    vi.stubEnv('KUBECONFIG', undefined)
    vi.stubEnv('HOME', home)
    expect(kubeconfig().server).toBe('https://home')
  })

  it('finds files from the folder of the kubeconfig', async () => {
    const folder = scratchFolder()
    mkdirSync(join(folder, 'pki'))
    const files = { 'ca.crt': ca.cert, 'client.crt': client.cert, 'client.key': client.key, token: `${TOKEN}\n` }
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, 'pki', name), text)
    const path = writeKubeconfig(folder, {
      cluster: { 'certificate-authority': 'pki/ca.crt' },
      user: {
        tokenFile: 'pki/token',
        'client-certificate': 'pki/client.crt',
        'client-key': join(folder, 'pki/client.key'),
      },
    })
    expect(await kubeconfig({ path }).credentials()).toMatchObject({
      token: TOKEN,
      ca: ca.cert.trim(),
      cert: client.cert.trim(),
      key: client.key.trim(),
    })
  })

  it('reads a token file again, within a minute or when it is refused', async () => {
    const folder = scratchFolder()
    const clock = manualClock()
    writeFileSync(join(folder, 'token'), 'first')
    const connection = kubeconfig({
      path: writeKubeconfig(folder, { user: { tokenFile: 'token', token: 'x' } }),
      clock,
    })
    expect(await connection.credentials()).toMatchObject({ token: 'first' })
    writeFileSync(join(folder, 'token'), 'second')
    expect(await connection.credentials()).toMatchObject({ token: 'first' })
    connection.refuse?.()
    expect(await connection.credentials()).toMatchObject({ token: 'second' })
    writeFileSync(join(folder, 'token'), 'third')
    await clock.advance(60_000)
    expect(await connection.credentials()).toMatchObject({ token: 'third' })
  })

  it('prefers data to a file, and a token to a plugin', async () => {
    const folder = scratchFolder()
    const exec = writePlugin(folder, `answer({ token: 'from the plugin' })`)
    const cluster = { 'certificate-authority': 'none.crt', 'certificate-authority-data': base64(ca.cert) }
    const connection = kubeconfig({ path: writeKubeconfig(folder, { cluster, user: { exec, token: TOKEN } }) })
    expect(await connection.credentials()).toMatchObject({ token: TOKEN, ca: ca.cert })
  })

  it('sends no credentials if the context names no user', async () => {
    const path = writeKubeconfig(scratchFolder(), {
      context: { user: '' },
      cluster: { server: 'http://127.0.0.1:8001' },
    })
    expect(await kubeconfig({ path }).credentials()).toMatchObject({ token: undefined, cert: undefined })
  })

  it('leads to a server that asks for a client certificate', async () => {
    const pair = await makeServerPair(ca, ['kubernetes'])
    const tls = { ...pair, ca: ca.cert, requestCert: true, rejectUnauthorized: true }
    const server = await startServer((response) => sendJson(response, 200, objectAt('7')), tls)
    const path = writeKubeconfig(scratchFolder(), {
      cluster: { server: server.url, 'certificate-authority-data': base64(ca.cert), 'tls-server-name': 'kubernetes' },
      user: { 'client-certificate-data': base64(client.cert), 'client-key-data': base64(client.key) },
    })
    expect((await createKube(kubeconfig({ path })).get(ADDRESS)).metadata.resourceVersion).toBe('7')
  })
})

describe('a kubeconfig that is refused', () => {
  it.each([
    ['has no current-context', { root: { 'current-context': '' } }, 'has no current-context'],
    ['has not that context', { root: { 'current-context': 'gone' } }, 'contexts has no entry "gone"'],
    ['has not that cluster', { context: { cluster: 'gone' } }, 'clusters has no entry "gone"'],
    ['has not that user', { context: { user: 'gone' } }, 'users has no entry "gone"'],
    ['has no list of contexts', { root: { contexts: 'none' } }, 'contexts must be a list'],
    ['has no server', { cluster: { server: '' } }, 'must be an https: or http: URL'],
    ['needs a proxy', { cluster: { 'proxy-url': 'http://proxy' } }, 'proxy-url is not supported'],
    ['has a number as its token', { user: { token: 12345678 } }, 'token must be a string'],
    ['has an auth-provider', { user: { 'auth-provider': { name: 'oidc' } } }, 'use an exec plugin'],
    ['has a password', { user: { username: 'root', password: TOKEN } }, 'username is not supported'],
    ['impersonates', { user: { token: TOKEN, as: 'somebody' } }, 'as is not supported'],
    [
      'has data that is no certificate',
      { cluster: { 'certificate-authority-data': base64('hi') } },
      'PEM text in base64',
    ],
    ['names a file that is not there', { cluster: { 'certificate-authority': 'none.crt' } }, 'none.crt cannot be read'],
    ['names a token file that is not there', { user: { tokenFile: 'none' } }, 'none cannot be read'],
    [
      'has a plugin of an old version',
      { user: { exec: { apiVersion: 'client.authentication.k8s.io/v1alpha1' } } },
      'update',
    ],
  ])('%s', (_, parts, words) => {
    const path = writeKubeconfig(scratchFolder(), parts)
    expect(() => kubeconfig({ path })).toThrow(refused(words))
    expect(() => kubeconfig({ path })).not.toThrow(TOKEN)
  })

  it('has a plugin without a command, or one that wants a terminal', () => {
    const folder = scratchFolder()
    const withExec = (more: object) => ({
      path: writeKubeconfig(folder, { user: { exec: writePlugin(folder, '', more) } }),
    })
    expect(() => kubeconfig(withExec({ command: '' }))).toThrow(refused('command is missing'))
    expect(() => kubeconfig(withExec({ interactiveMode: 'Always' }))).toThrow(refused('no terminal'))
    expect(() => kubeconfig(withExec({ args: [1] }))).toThrow(refused('args must be strings'))
    expect(() => kubeconfig(withExec({ env: { A: 'b' } }))).toThrow(refused('env must be a list'))
  })

  it('has half of a client certificate, one of another key, or a ca that is not looked at', async () => {
    const data = { 'client-certificate-data': base64(client.cert) }
    const half = writeKubeconfig(scratchFolder(), { user: data })
    expect(() => kubeconfig({ path: half })).toThrow(refused('client-certificate and client-key must both be set'))
    const mixed = writeKubeconfig(scratchFolder(), { user: { ...data, 'client-key-data': base64(ca.key) } })
    expect(() => kubeconfig({ path: mixed })).toThrow(refused('belong to each other'))
    const cluster = { 'certificate-authority-data': base64(ca.cert), 'insecure-skip-tls-verify': true }
    const blind = writeKubeconfig(scratchFolder(), { cluster })
    expect(() => kubeconfig({ path: blind })).toThrow(refused('remove one of them'))
  })

  it.each([
    ['is not there', undefined, 'cannot be read'],
    ['is empty', '', 'is empty'],
    ['is not YAML', `users:\n  - token: ${TOKEN}\n : "`, 'not valid YAML'],
    ['is a list', '- 1', 'must be a YAML mapping'],
    ['bombs with aliases', bomb(), 'aliases'],
  ])('%s, and nothing of it is shown', (_, text, words) => {
    const path = join(scratchFolder(), 'config')
    if (text !== undefined) writeFileSync(path, text)
    expect(() => kubeconfig({ path })).toThrow(refused(words))
    expect(() => kubeconfig({ path })).not.toThrow(TOKEN)
  })

  it('comes with an option that nobody knows', () => {
    expect(() => kubeconfig({ file: 'x' } as KubeconfigOptions)).toThrow(
      expect.objectContaining({ code: 'UNKNOWN_OPTION' }),
    )
    expect(() => kubeconfig({ path: '' })).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
  })
})

/** Aliases of aliases: a few lines that would be a billion entries. */
function bomb(): string {
  const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x]']
  for (let depth = 1; depth < 10; depth += 1) {
    lines.push(
      `a${depth}: &a${depth} [${Array(9)
        .fill(`*a${depth - 1}`)
        .join(', ')}]`,
    )
  }
  return lines.join('\n')
}
