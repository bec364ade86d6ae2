// What every published package must do as it is installed, as an ES module and as a CommonJS module.
// Runs on every supported version of Node; the file must also end by itself.
import { equal, match, ok, rejects } from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { describe, it } from 'node:test'
import { promisify } from 'node:util'

const require = createRequire(import.meta.url)

const kinds = [
  { kind: 'import', load: (name) => import(name) },
  { kind: 'require', load: async (name) => require(name) },
]

const users = Array.from({ length: 1_000 }, (_, index) => `user_${index}`)

const models = { baseline: () => 'by v1', canary: () => 'by v2' }

/** A canary whose rollout has a weight above 0. */
async function startedCanary(load) {
  const { createCanary, stickyStrategy } = await load('@model-canary/core')
  const versions = { baseline: 'v1', canary: 'v2' }
  const canary = createCanary({ name: 'sentiment', versions, strategy: stickyStrategy({ salt: '' }) })
  await canary.start()
  while (canary.status().weight === 0) await new Promise((resolve) => setImmediate(resolve))
  return canary
}

/** Asks once and expects that one of the models has answered, and that it is counted. */
async function expectAnswer(canary, { port }) {
  const answer = await fetch(`http://127.0.0.1:${port}/`, { headers: { 'x-user-id': 'user_1', connection: 'close' } })
  match(await answer.text(), /^by v[12]$/)
  const { v1, v2 } = canary.metrics()
  equal(v1.requestCount + v2.requestCount, 1)
}

/** The same for a server that does not listen yet. */
async function expectServed(canary, server) {
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  await expectAnswer(canary, server.address())
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
}

/** One entry for each package: a few lines that do something real with it, given what loads modules. */
const trials = {
  async '@model-canary/core'(load) {
    const { exports } = require('@model-canary/core/package.json')
    for (const entry of Object.keys(exports).filter((name) => /^\.\/[a-z-]+$/.test(name))) {
      ok(Object.keys(await load(`@model-canary/core/${entry.slice(2)}`)).length > 0, `${entry} exports nothing`)
    }
    const canary = await startedCanary(load)
    const predict = canary.wrap(models, { key: (user) => user })
    const answers = users.map((user) => predict(user))
    const { v1, v2 } = canary.metrics()
    equal(v1.requestCount + v2.requestCount, users.length)
    equal(v2.requestCount, answers.filter((answer) => answer === 'by v2').length)
    ok(v2.requestCount > 0)
    // Not closed: a running rollout must not keep this process alive.
  },

  async '@model-canary/express'(load) {
    const express = require('express')
    const { canaryMiddleware } = await load('@model-canary/express')
    const canary = await startedCanary(load)
    const app = express()
    app.use(canaryMiddleware(canary, { key: (req) => req.get('x-user-id') }))
    app.get('/', async (req, res) => res.send(await req.canary.run(models)))
    await expectServed(canary, createServer(app))
  },

  async '@model-canary/dashboard'(load) {
    const { createDashboard } = await load('@model-canary/dashboard')
    const canary = await startedCanary(load)
    const server = createServer(createDashboard(canary))
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
    const get = (path) =>
      fetch(`http://127.0.0.1:${server.address().port}/${path}`, { headers: { connection: 'close' } })
    const page = await (await get('')).text()
    for (const [, path] of page.matchAll(/(?:src|href)="\.\/([^"]+)"/g)) equal((await get(path)).status, 200, path)
    match(page, /<script type="module"/)
    equal((await (await get('status')).json()).name, 'sentiment')
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
    await canary.close()
  },

  async '@model-canary/koa'(load) {
    const Koa = require('koa')
    const { canaryMiddleware } = await load('@model-canary/koa')
    const canary = await startedCanary(load)
    const app = new (Koa.default ?? Koa)()
    app.use(canaryMiddleware(canary, { key: (context) => context.get('x-user-id') }))
    app.use(async (context) => {
      context.body = await context.state.canary.run(models)
    })
    await expectServed(canary, createServer(app.callback()))
  },

  async '@model-canary/fastify'(load) {
    const Fastify = require('fastify')
    const { canaryPlugin, canaryRoutes } = await load('@model-canary/fastify')
    const canary = await startedCanary(load)
    const app = Fastify()
    app.register(canaryPlugin(canary, { key: (request) => request.headers['x-user-id'] }))
    app.register(canaryRoutes(canary), { prefix: '/canary' })
    app.get('/', (request) => request.canary.run(models))
    await app.listen({ port: 0, host: '127.0.0.1' })
    await expectAnswer(canary, app.server.address())
    await app.close()
  },

  async '@model-canary/istio'(load) {
    const { createKube, istioManifests, istioTarget } = await load('@model-canary/istio')
    const { fakeKubeApi } = await load('@model-canary/testing')
    const api = await fakeKubeApi()
    for (const object of istioManifests({ name: 'sentiment', namespace: 'models' }).objects) api.put(object)
    const kube = createKube({ server: api.url, credentials: async () => ({ token: api.token }) })
    const subsets = { baseline: 'stable', canary: 'canary' }
    const where = { namespace: 'models', virtualService: 'sentiment', host: 'sentiment', subsets }
    const target = istioTarget({ kube, ...where })
    await target.apply({ weight: 10, epoch: 1, revision: 1 }, new AbortController().signal)
    equal((await target.read()).weight, 10)
    await api.close()
  },

  async '@model-canary/prometheus'(load) {
    const { exporterQueries, prometheusExporter, prometheusSource } = await load('@model-canary/prometheus')
    const canary = await startedCanary(load)
    canary.begin().end()
    match(prometheusExporter(canary).render().body, /^model_canary_requests_total\{.*outcome="success"\} 1$/m)
    const url = 'http://127.0.0.1:9' // nobody listens there
    const source = prometheusSource({ url, queries: exporterQueries({ rollout: 'sentiment' }) })
    const window = { epoch: 1, step: 1, openedAt: Date.now() - 60_000 }
    await rejects(source.read(window, new AbortController().signal), { code: 'PROMETHEUS_UNREACHABLE' })
  },

  async '@model-canary/opentelemetry'(load) {
    const { openTelemetryObserver } = await load('@model-canary/opentelemetry')
    const { createCanary } = await load('@model-canary/core')
    const observers = [openTelemetryObserver({ name: 'sentiment' })]
    const canary = createCanary({ name: 'sentiment', versions: { baseline: 'v1', canary: 'v2' }, observers })
    await canary.start()
    equal(canary.wrap(models)('user_1'), 'by v1')
    equal(canary.status().internalErrors.OBSERVER_FAILED, undefined)
  },

  async '@model-canary/openfeature'(load) {
    const { canaryProvider } = await load('@model-canary/openfeature')
    const { OpenFeature } = require('@openfeature/server-sdk')
    const canary = await startedCanary(load)
    await OpenFeature.setProviderAndWait('models', canaryProvider({ sentiment: canary }))
    const version = await OpenFeature.getClient('models').getStringValue('sentiment', 'none', {
      targetingKey: 'user_1',
    })
    match(version, /^v[12]$/)
    await OpenFeature.close()
  },

  async '@model-canary/redis'(load) {
    const { redisStore } = await load('@model-canary/redis')
    const client = { call: async (...words) => [words[3 + Number(words[2])], '', ''] } // as an empty server answers
    equal(await redisStore(client, { name: 'sentiment' }).load(new AbortController().signal), undefined)
  },

  async '@model-canary/cli'() {
    const { stdout } = await promisify(execFile)('npx', ['model-canary', 'manifests', 'istio', '--name', 'sentiment'])
    match(stdout, /kind: VirtualService/)
    writeFileSync(
      'plan.json',
      '{"guardrails":[{"kind":"errorRate"}],"plan":[50,100],"traffic":{"requestsPerSecond":5}}',
    )
    const simulated = ['model-canary', 'simulate', 'plan.json', '--replications', '1', '--threads', '2']
    match((await promisify(execFile)('npx', simulated)).stdout, /1 rollout of each/)
  },

  async '@model-canary/testing'(load) {
    const { manualClock } = await load('@model-canary/testing')
    const clock = manualClock()
    let ticks = 0
    clock.schedule(60_000, () => {
      ticks += 1
    })
    await clock.advance(60_000)
    equal(ticks, 1)
  },
}

const installed = Object.keys(JSON.parse(readFileSync('package.json', 'utf8')).dependencies).filter((name) =>
  name.startsWith('@model-canary/'),
)

describe('every published package', () => {
  for (const name of installed) {
    it(`${name} is tried`, () => ok(Object.hasOwn(trials, name), `add a trial of ${name} to this file`))
  }
})

for (const { kind, load } of kinds) {
  describe(`by ${kind}`, () => {
    for (const [name, trial] of Object.entries(trials).filter(([name]) => installed.includes(name))) {
      it(`${name} works`, () => trial(load))
    }
  })
}

it('an error is known across the ES module and the CommonJS module', async () => {
  const { CanaryError } = await import('@model-canary/core')
  const { isCanaryError } = require('@model-canary/core')
  ok(isCanaryError(new CanaryError('CLOSED', 'create a new one'), 'CLOSED'))
})
