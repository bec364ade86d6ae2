import { createServer, type IncomingMessage, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { errorRate, linearPlan } from '@model-canary/core'
import { nodeRoutes } from '@model-canary/core/adapter'
import { createController } from '@model-canary/core/controller'
import { createKube, kubeStore } from '@model-canary/istio'
import { fakeKubeApi } from '@model-canary/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { folderWith } from './files.fixture.js'
import { ran } from './run.fixture.js'
import { TOKEN } from './service.fixture.js'

const CONFIG_MAP = '/api/v1/namespaces/models/configmaps/rollout'
const POD = '/api/v1/namespaces/models/pods/sentiment-0:9100/proxy'

async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** Passes a request on, as the API server does. */
function passOn(
  incoming: IncomingMessage,
  target: string,
  response: Parameters<Parameters<typeof createServer>[1] & object>[1],
) {
  const { authorization, ...headers } = incoming.headers
  const isPod = incoming.url?.startsWith(POD) === true
  const sent = request(target, { method: incoming.method, headers: isPod ? headers : incoming.headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 500, answer.headers)
    answer.pipe(response)
  })
  sent.on('error', () => response.writeHead(503).end('{"kind":"Status","reason":"ServiceUnavailable"}'))
  incoming.pipe(sent)
}

/** A controller that keeps its rollout in a ConfigMap, and has its routes in a pod behind the API server. */
async function cluster() {
  const api = await fakeKubeApi({ namespaces: ['models'] })
  onTestFinished(() => api.close())
  const seen: string[] = []
  const kube = createKube({ server: api.url, credentials: async () => ({ token: api.token }) })
  const controller = createController({
    name: 'sentiment',
    versions: { baseline: 'v1', canary: 'v2' },
    plan: linearPlan([10, 50, 100], { minDurationMs: 86_400_000 }),
    warmUp: { durationMs: 0 },
    guardrails: [errorRate()],
    store: kubeStore({ kube, namespace: 'models', name: 'rollout' }),
    source: { read: async () => 'no-data' },
    target: { apply: async () => {} },
    logger: false,
  })
  await controller.start()
  onTestFinished(() => controller.close())
  const stored = () => (api.peek(CONFIG_MAP)?.data as Readonly<Record<string, string>> | undefined)?.['rollout.json']
  await expect.poll(() => JSON.parse(stored() ?? '{}').head?.state.step).toBe(1)
  const routes = nodeRoutes<IncomingMessage>(controller, {
    authorize: ({ headers }) => headers['x-model-canary-token'] === TOKEN,
  })
  const pod = await listening(
    createServer(async (incoming, response) => {
      if (!(await routes(incoming, response))) response.writeHead(404).end()
    }),
  )
  const server = await listening(
    createServer((incoming, response) => {
      const url = incoming.url ?? ''
      seen.push(`${incoming.method} ${url}`)
      passOn(incoming, url.startsWith(POD) ? pod + url.slice(POD.length) : api.url + url, response)
    }),
  )
  const config = {
    ...{ apiVersion: 'v1', kind: 'Config', 'current-context': 'c' },
    clusters: [{ name: 'c', cluster: { server } }],
    users: [{ name: 'c', user: { token: api.token } }],
    contexts: [{ name: 'c', context: { cluster: 'c', user: 'c' } }],
  }
  const env = { KUBECONFIG: folderWith({ config })('config'), MODEL_CANARY_TOKEN: TOKEN }
  return { controller, api, seen, run: (...args: readonly string[]) => ran(args, { env }) }
}

describe('model-canary --kube', () => {
  it('reads the ConfigMap in which the rollout is kept', async () => {
    const { run, seen } = await cluster()
    const { code, stdout, stderr } = await run('status', '--kube', 'models/rollout')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/^rollout {5}sentiment: v2 against v1\nstate {7}progressing, step 1 of 3, epoch 1\n/)
    expect(stdout).toMatch(/^weight {6}10 %$/m)
    expect(seen).toEqual([`GET ${CONFIG_MAP}`])
  })

  it('sends verbs to the pod through the API server, with the token in a header of its own', async () => {
    const { run, controller, seen } = await cluster()
    const args = ['--kube', 'models/rollout', '--pod', 'sentiment-0:9100', '--reason', 'go']
    expect(await run('promote', ...args)).toMatchObject({ code: 0, stderr: '' })
    expect(controller.status()).toMatchObject({ step: 2, weight: 50 })
    expect(seen).toEqual([`GET ${CONFIG_MAP}`, `POST ${POD}/canary/promote`])
    expect(await run('promote', ...args, '--expect', '1')).toMatchObject({ code: 6 })
    expect(await run('rollback', ...args)).toMatchObject({ code: 0 })
    expect(await run('wait', '--kube', 'models/rollout')).toMatchObject({ code: 1 })
  })

  it('does not write the ConfigMap, also without a pod', async () => {
    const { run, api } = await cluster()
    const before = api.peek(CONFIG_MAP)
    expect(await run('rollback', '--kube', 'models/rollout')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/--pod POD:PORT/),
    })
    expect(api.peek(CONFIG_MAP)).toEqual(before)
  })

  it('ends with 5 if the cluster or the routes refuse, and with 3 if nothing is there', async () => {
    const { run, api } = await cluster()
    const verb = ['rollback', '--kube', 'models/rollout', '--pod', 'sentiment-0:9100']
    expect(await ran(verb, { env: { KUBECONFIG: '/nowhere' } })).toMatchObject({ code: 2 })
    expect(await run(...verb, '--token', 'wrong')).toMatchObject({ code: 5 })
    expect(await run(...verb, '--path', '/elsewhere')).toMatchObject({ code: 3 })
    expect(await run('status', '--kube', 'models/other')).toMatchObject({
      code: 3,
      stderr: expect.stringMatching(/models\/other holds no rollout/),
    })
    api.rotateToken('another')
    expect(await run('status', '--kube', 'models/rollout')).toMatchObject({ code: 5 })
  })

  it('ends with 3 for a ConfigMap that holds something else, without its control characters', async () => {
    const { run, api } = await cluster()
    for (const stored of ['{"head":1}', '{"head":{"state":{}}}', 'oops \u001b[2J', '[]', 'null']) {
      api.change(CONFIG_MAP, { data: { 'rollout.json': stored } })
      const { code, stdout, stderr } = await run('status', '--kube', 'models/rollout')
      expect({ stored, code, stdout }).toEqual({ stored, code: 3, stdout: '' })
      expect(stderr).not.toContain('\u001b')
    }
  })

  it.each([
    [['status', '--kube', 'models'], /NAMESPACE\/NAME/],
    [['status', '--kube', '../secrets/x'], /NAMESPACE\/NAME/],
    [['pause', '--kube', 'a/b', '--pod', 'x'], /POD:PORT/],
    [['status', 'http://localhost', '--kube', 'a/b'], /not both/],
  ])('ends with 2 for %j', async (args, message) => {
    expect(await ran(args)).toMatchObject({ code: 2, stderr: expect.stringMatching(message) })
  })
})
