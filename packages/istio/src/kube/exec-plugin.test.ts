import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { manualClock } from '@model-canary/testing'
import { describe, expect, it, vi } from 'vitest'
import { makeAuthority, makeClientPair, makeServerPair } from './certificates.fixture.js'
import { createKube } from './create-kube.js'
import { writePlugin } from './exec-plugin.fixture.js'
import { writeKubeconfig } from './kubeconfig.fixture.js'
import { kubeconfig } from './kubeconfig.js'
import { eventually } from './patience.fixture.js'
import { scratchFolder } from './scratch-folder.fixture.js'
import { ADDRESS, objectAt, sendJson, startServer } from './server.fixture.js'

const TOKEN = 'a-token-that-nobody-may-see'

/** A connection whose user is a plugin that runs a script. */
function stage(script: string, { exec = {}, cluster = {}, execTimeoutMs = 60_000 } = {}) {
  const folder = scratchFolder()
  const clock = manualClock()
  const path = writeKubeconfig(folder, { cluster, user: { exec: writePlugin(folder, script, exec) } })
  const runs = () => (existsSync(join(folder, 'runs')) ? readFileSync(join(folder, 'runs'), 'utf8').length : 0)
  return { folder, clock, runs, connection: kubeconfig({ path, clock, execTimeoutMs }) }
}

const failed = (code: string, words: string) => ({ code, message: expect.stringContaining(words) })

describe('an exec plugin', () => {
  it.each(['client.authentication.k8s.io/v1', 'client.authentication.k8s.io/v1beta1'])(
    'gives a token by %s',
    async (apiVersion) => {
      const { connection } = stage(`answer({ token: '${TOKEN}' })`, { exec: { apiVersion } })
      expect(await connection.credentials()).toMatchObject({ token: TOKEN })
    },
  )

  it('returns a client certificate that the server accepts', async () => {
    const ca = await makeAuthority('the cluster')
    const pair = await makeServerPair(ca, ['127.0.0.1'])
    const client = await makeClientPair(ca, 'model-canary')
    const tls = { ...pair, ca: ca.cert, requestCert: true, rejectUnauthorized: true }
    const server = await startServer((response) => sendJson(response, 200, objectAt('7')), tls)
    const status = JSON.stringify({ clientCertificateData: client.cert, clientKeyData: client.key })
    const cluster = { server: server.url, 'certificate-authority-data': Buffer.from(ca.cert).toString('base64') }
    const { connection } = stage(`answer(${status})`, { cluster })
    expect((await createKube(connection).get(ADDRESS)).metadata.resourceVersion).toBe('7')
  })

  it('is not run before the first read, and once for concurrent reads', async () => {
    const { connection, runs } = stage(`answer({ token: '${TOKEN}' })`)
    expect(runs()).toBe(0)
    await Promise.all([connection.credentials(), connection.credentials(), connection.credentials()])
    await connection.credentials()
    expect(runs()).toBe(1)
  })

  it('is run again when its credential has expired, and not before', async () => {
    const { connection, clock, runs } = stage(
      `answer({ token: '${TOKEN}', expirationTimestamp: '2026-01-01T00:15:00Z' })`,
    )
    await connection.credentials()
    await clock.advance(899_999)
    await connection.credentials()
    expect(runs()).toBe(1)
    await clock.advance(1)
    await connection.credentials()
    expect(runs()).toBe(2)
  })

  it('is run again when the server rejects its credential', async () => {
    const server = await startServer((response, { headers }) =>
      sendJson(response, headers.authorization === 'Bearer run-2' ? 200 : 401, objectAt('7')),
    )
    const script = `answer({ token: 'run-' + fs.readFileSync(__dirname + '/runs').length })`
    const { connection, runs } = stage(script, { cluster: { server: server.url } })
    const kube = createKube(connection)
    await kube.get(ADDRESS)
    await kube.get(ADDRESS)
    expect(runs()).toBe(2)
  })

  it('gets the version, and the fact that there is no terminal', async () => {
    const { connection } = stage(`answer({ token: JSON.stringify(info) })`)
    const { token } = await connection.credentials()
    expect(JSON.parse(token ?? '')).toEqual({
      apiVersion: 'client.authentication.k8s.io/v1',
      kind: 'ExecCredential',
      spec: { interactive: false },
    })
  })

  it('gets the cluster if its entry asks for it', async () => {
    const ca = await makeAuthority('the cluster')
    const data = Buffer.from(ca.cert).toString('base64')
    const { connection } = stage(`answer({ token: JSON.stringify(info.spec) })`, {
      exec: { provideClusterInfo: true },
      cluster: {
        'certificate-authority-data': data,
        'tls-server-name': 'kubernetes',
        extensions: [{ name: 'client.authentication.k8s.io/exec', extension: { audience: 'models' } }],
      },
    })
    const { token } = await connection.credentials()
    expect(JSON.parse(token ?? '')).toEqual({
      interactive: false,
      cluster: {
        server: 'https://127.0.0.1:6443',
        'tls-server-name': 'kubernetes',
        'certificate-authority-data': data,
        config: { audience: 'models' },
      },
    })
  })

  it('gets the environment, and the variables of its entry', async () => {
    vi.stubEnv('MODEL_CANARY_OUTER', 'outer')
    const { connection } = stage(`answer({ token: process.env.MODEL_CANARY_OUTER + '-' + process.env.INNER })`, {
      exec: { env: [{ name: 'INNER', value: 'inner' }] },
    })
    expect(await connection.credentials()).toMatchObject({ token: 'outer-inner' })
    vi.unstubAllEnvs()
  })

  it('is found relative to the folder of the kubeconfig', async () => {
    const { folder, connection } = stage('', { exec: { command: './login', args: [] } })
    const answer = { apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', status: { token: 'near' } }
    const script = `#!${process.execPath}\nconsole.log(${JSON.stringify(JSON.stringify(answer))})\n`
    writeFileSync(join(folder, 'login'), script, { mode: 0o755 })
    expect(await connection.credentials()).toMatchObject({ token: 'near' })
  })
})

describe('an exec plugin that fails', () => {
  it('is reported with its error output', async () => {
    const { connection } = stage(`console.error('Error: the SSO session has expired\\n  log in'); process.exitCode = 3`)
    await expect(connection.credentials()).rejects.toMatchObject(
      failed('KUBE_UNAUTHORIZED', 'ended with 3; it wrote: Error: the SSO session has expired log in'),
    )
  })

  it('is run again for the next read', async () => {
    const { connection } = stage(`
      if (fs.readFileSync(__dirname + '/runs').length > 1) answer({ token: 'second' })
      else process.exitCode = 1
    `)
    await expect(connection.credentials()).rejects.toMatchObject(failed('KUBE_UNAUTHORIZED', 'wrote no error message'))
    expect(await connection.credentials()).toMatchObject({ token: 'second' })
  })

  it('is reported with the end of a long error output', async () => {
    const { connection } = stage(`process.stderr.write('x'.repeat(100000) + ' the reason'); process.exitCode = 1`)
    const { message } = (await connection.credentials().catch((error: unknown) => error)) as Error
    expect(message).toContain('xxx the reason')
    expect(message.length).toBeLessThan(900)
  })

  it('is ended when it takes too long', async () => {
    const { connection, clock, runs, folder } = stage(
      `fs.writeFileSync(__dirname + '/pid', String(process.pid)); setInterval(() => {}, 1000)`,
      { execTimeoutMs: 5_000 },
    )
    const error = connection.credentials().catch((error: unknown) => error)
    await eventually(() => runs() === 1 && existsSync(join(folder, 'pid'))).toBe(true)
    await clock.advance(5_000)
    expect(await error).toMatchObject(failed('KUBE_UNAUTHORIZED', 'took longer than 5000 ms'))
    const pid = Number(readFileSync(join(folder, 'pid'), 'utf8'))
    await eventually(() => isRunning(pid)).toBe(false)
    expect(clock.pending).toBe(0)
  })

  it('is ended when it writes too much', async () => {
    const { connection } = stage(`setInterval(() => process.stdout.write('x'.repeat(100000)), 1)`)
    await expect(connection.credentials()).rejects.toMatchObject(failed('KUBE_UNAUTHORIZED', 'wrote more than'))
  })

  it('is reported with the install hint of its entry if it is missing', async () => {
    const { connection } = stage('', { exec: { command: 'no-such-plugin', installHint: 'Install it from the wiki.' } })
    await expect(connection.credentials()).rejects.toMatchObject(failed('KUBE_CONFIG', 'Install it from the wiki.'))
  })

  it.each([
    ['not a JSON object', `process.stdout.write('${TOKEN} ')`],
    ['not an ExecCredential', `console.log(JSON.stringify({ token: '${TOKEN}' }))`],
    ['apiVersion is not client', `info.apiVersion = 'client.authentication.k8s.io/v2'; answer({ token: '${TOKEN}' })`],
    ['no status', `answer(undefined, '${TOKEN}')`],
    ['neither a token nor', `answer({})`],
    ['must be strings', `answer({ token: { value: '${TOKEN}' } })`],
    ['clientCertificateData and clientKeyData, or neither', `answer({ token: '${TOKEN}', clientKeyData: 'key' })`],
    ['is not a date', `answer({ token: '${TOKEN}', expirationTimestamp: 'soon' })`],
  ])('is reported without its answer if that is invalid: %s', async (words, script) => {
    const error: unknown = await stage(script)
      .connection.credentials()
      .catch((error: unknown) => error)
    expect(error).toMatchObject(failed('KUBE_CONFIG', words))
    expect(`${error} ${(error as Error).cause}`).not.toContain(TOKEN)
  })
})

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
