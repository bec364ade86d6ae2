import { deepEqual, equal, match } from 'node:assert/strict'
import type { Server } from 'node:http'
import type { Canary } from '@model-canary/core'
import type { CanaryRoutesOptions } from '@model-canary/core/adapter'
import type { ClientRequest } from './client.js'
import { HEALTH, type Play, predicting } from './play.js'
import type { AdapterRoute, AnyRequest } from './setup.js'
import type { App, Stage } from './stage.js'

type Authorize = NonNullable<CanaryRoutesOptions<AnyRequest>['authorize']>

/** A route of the app itself, below the path of the canary's routes. */
const BESIDE: AdapterRoute = { ...HEALTH, path: '/canary/beside' }

/** Records the requested actions. */
const EXPORTER: NonNullable<CanaryRoutesOptions<AnyRequest>['prometheus']> = {
  render: (accept) => ({
    contentType: 'text/plain; version=0.0.4; charset=utf-8',
    body: `asked_for{accept="${accept}"} 1\n`,
  }),
}

/** A page of one file that is bytes, and one that is text. */
const PAGE: NonNullable<CanaryRoutesOptions<AnyRequest>['dashboard']> = {
  file(path, acceptEncoding) {
    const headers = { 'content-security-policy': "default-src 'none'" }
    if (path === '') return { headers, contentType: 'text/html; charset=utf-8', body: `<p>${acceptEncoding}` }
    if (path !== 'assets/a-1.js') return undefined
    return { headers: { 'cache-control': 'max-age=60' }, contentType: 'text/javascript', body: Buffer.from('bytes') }
  },
}

const JSON_TYPE = { 'content-type': 'application/json' }

const post = (body?: string): ClientRequest =>
  body === undefined ? { method: 'POST', headers: JSON_TYPE } : { method: 'POST', body, headers: JSON_TYPE }

/** `canaryRoutes`: what can be read, and which verbs can be sent. */
export const operatedRules = (play: Play) => {
  const operated = (options: CanaryRoutesOptions<AnyRequest>, act: (app: App, canary: Canary) => Promise<void>) =>
    play(async (stage) => {
      const canary = await stage.canary()
      await act(await openOperated(stage, canary, options), canary)
    })

  const refused = (authorize: Authorize) =>
    operated({ authorize }, async (app, canary) => {
      const { state } = canary.status()
      equal((await app.send('/canary/pause', post())).status, 401)
      const headers = { ...JSON_TYPE, authorization: 'Bearer wrong' }
      equal((await app.send('/canary/pause', { method: 'POST', headers })).status, 403)
      equal(canary.status().state, state)
    })

  return {
    'serves the status': operated({}, async (app, canary) => {
      const { status, headers, body } = await app.send('/canary/status')
      equal(status, 200)
      match(headers['content-type'] ?? '', /^application\/json/)
      equal(headers['cache-control'], 'no-store')
      equal(headers['x-content-type-options'], 'nosniff')
      const { loop: _now, ...told } = JSON.parse(body)
      const { loop: _later, ...expected } = canary.status()
      deepEqual(told, JSON.parse(JSON.stringify({ ...expected, explanation: canary.explain() })))
    }),
    'serves the metrics, and looks without counting': operated({}, async (app, canary) => {
      await app.send('/predict')
      await app.expectInTheEnd(canary, { 'v2 success': 1 })
      for (const query of ['', '?window=step', '?lastMs=60000']) {
        const { status, body } = await app.send(`/canary/metrics${query}`)
        equal(status, 200)
        equal(JSON.parse(body).v2.requestCount, 1)
      }
      await app.expectInTheEnd(canary, { 'v2 success': 1 })
    }),
    'serves the decisions page by page, newest first': operated({}, async (app, canary) => {
      await canary.pause({ reason: 'lunch' })
      await canary.resume({ reason: 'back' })
      const { status, headers, body } = await app.send('/canary/history')
      equal(status, 200)
      match(headers['content-type'] ?? '', /^application\/json/)
      equal(headers['cache-control'], 'no-store')
      deepEqual(JSON.parse(body), JSON.parse(JSON.stringify(await canary.history())))
      const [newest, next] = JSON.parse(body)
      equal(newest.reason, 'back')
      const page = await app.send(`/canary/history?before=${newest.sequence}&limit=1`)
      deepEqual(JSON.parse(page.body), [next])
    }),
    'refuses a page of decisions that there is not': operated({}, async (app) => {
      for (const query of ['limit=0', 'limit=1001', 'limit=ten', 'before=now']) {
        const { status, body } = await app.send(`/canary/history?${query}`)
        equal(status, 400, query)
        equal(JSON.parse(body).error.code, 'INVALID_OPTION', query)
      }
    }),
    'serves the explanation as plain text': operated({}, async (app, canary) => {
      const { status, headers, body } = await app.send('/canary/explain')
      equal(status, 200)
      match(headers['content-type'] ?? '', /^text\/plain; charset=utf-8$/)
      equal(headers['cache-control'], 'no-store')
      equal(headers['x-content-type-options'], 'nosniff')
      equal(body, `${canary.explain()}\n`)
      equal((await app.send('/canary/explain', { method: 'HEAD' })).body, '')
    }),
    'shows the words of other people’s errors only where authorize says yes': play(async (stage) => {
      const canary = await stage.canary()
      await canary.pause({ reason: 'it failed: no route to 10.0.0.7' })
      for (const isTrusted of [true, false]) {
        const authorize: Authorize = (_, action) => action === 'status' && isTrusted
        const app = await openOperated(stage, canary, { authorize })
        for (const route of ['status', 'history', 'explain']) {
          equal((await app.send(`/canary/${route}`)).body.includes('10.0.0.7'), isTrusted, route)
        }
        await app.close()
      }
    }),
    'answers a HEAD for the status': operated({}, async (app) => {
      const { status, body } = await app.send('/canary/status', { method: 'HEAD' })
      equal(status, 200)
      equal(body, '')
    }),
    'serves an exporter’s text in the form that is asked for': operated({ prometheus: EXPORTER }, async (app) => {
      const accept = 'application/openmetrics-text'
      const { status, headers, body } = await app.send('/canary/metrics.prom', { headers: { accept } })
      equal(status, 200)
      match(headers['content-type'] ?? '', /^text\/plain; version=0\.0\.4; charset=utf-8$/)
      equal(headers['cache-control'], 'no-store')
      equal(headers['x-content-type-options'], 'nosniff')
      equal(body, `asked_for{accept="${accept}"} 1\n`)
    }),
    'serves a page and its files, also without the slash at its end': operated({ dashboard: PAGE }, async (app) => {
      for (const url of ['/canary/', '/canary/?a=b']) {
        const { status, headers, body } = await app.send(url, { headers: { 'accept-encoding': 'gzip' } })
        equal(status, 200)
        match(headers['content-type'] ?? '', /^text\/html; charset=utf-8$/)
        equal(headers['content-security-policy'], "default-src 'none'")
        equal(headers['cache-control'], 'no-store')
        equal(body, '<p>gzip')
      }
      const script = await app.send('/canary/assets/a-1.js')
      equal(script.body, 'bytes')
      match(script.headers['content-type'] ?? '', /^text\/javascript/)
      equal(script.headers['cache-control'], 'max-age=60')
      equal((await app.send('/canary/', { method: 'HEAD' })).body, '')
      const moved = await app.send('/canary?a=b')
      equal(moved.status, 307)
      equal(moved.headers.location, './canary/?a=b')
      equal((await app.send('/canary/assets/other.js')).status, 404)
      equal((await app.send('/canary/status')).status, 200)
    }),
    'has no text of metrics without an exporter': operated({}, async (app) => {
      equal((await app.send('/canary/metrics.prom')).status, 404)
    }),
    'refuses a window that there is not': operated({}, async (app) => {
      equal((await app.send('/canary/metrics?window=week')).status, 400)
    }),
    'leaves every other path to the framework': operated({ authorize: () => true }, async (app) => {
      equal((await app.send('/health')).body, 'ok')
      equal((await app.send('/canary/beside')).body, 'ok')
      for (const path of ['/canary', '/canary/nowhere', '/canary/', '/canary//', '/canary/pause']) {
        equal((await app.send(path)).status, 404, path)
      }
      equal((await app.send('/canary/nowhere', post())).status, 404)
      deepEqual(app.errors, [])
    }),
    'has no verbs without authorize': operated({}, async (app, canary) => {
      const { state } = canary.status()
      for (const verb of ['pause', 'promote', 'rollback', 'disable']) {
        equal((await app.send(`/canary/${verb}`, post('{}'))).status, 404, verb)
      }
      equal(canary.status().state, state)
    }),
    'refuses a verb where authorize says no': refused(() => false),
    'refuses a verb where authorize throws': refused(() => {
      throw new Error('no session')
    }),
    'refuses a verb where authorize rejects': refused(async () => {
      throw new Error('no session')
    }),
    'carries out a verb where authorize says yes': play(async (stage) => {
      const canary = await stage.canary()
      const asked: unknown[] = []
      const authorize: Authorize = async ({ headers }, action) => asked.push([headers['content-type'], action]) > 0
      const app = await openOperated(stage, canary, { authorize })
      const { status, body } = await app.send('/canary/pause', post('{"reason":"lunch"}'))
      equal(status, 200)
      const { state, reached, of } = JSON.parse(body)
      deepEqual([state, reached, of], ['paused', 1, 1])
      equal(canary.status().state, 'paused')
      deepEqual(asked, [['application/json', 'pause']])
      const { step, epoch } = canary.status()
      equal((await app.send('/canary/resume', post(JSON.stringify({ expectedStep: { step, epoch } })))).status, 200)
    }),
    'carries out a rollback without a body': operated({ authorize: () => true }, async (app, canary) => {
      equal((await app.send('/canary/rollback', post())).status, 200)
      equal(canary.status().state, 'rolled-back')
    }),
    'refuses a verb that is not sent as JSON': operated({ authorize: () => true }, async (app, canary) => {
      for (const type of [undefined, 'text/plain', 'application/x-www-form-urlencoded']) {
        const headers = type === undefined ? {} : { 'content-type': type }
        equal((await app.send('/canary/rollback', { method: 'POST', headers, body: '{}' })).status, 415, type)
      }
      equal(canary.status().state === 'rolled-back', false)
    }),
    'answers 409 where the rollout is elsewhere': operated({ authorize: () => true }, async (app, canary) => {
      const { step } = canary.status()
      const { status, body } = await app.send('/canary/promote', post('{"expectedStep":{"step":1,"epoch":9}}'))
      equal(status, 409)
      equal(JSON.parse(body).error.code, 'STEP_MOVED')
      equal(JSON.parse(body).status.step, step)
      equal(canary.status().step, step)
    }),
    'needs the step that the sender has seen, to promote': operated({ authorize: () => true }, async (app, canary) => {
      const { step } = canary.status()
      equal((await app.send('/canary/promote', post('{}'))).status, 428)
      equal(canary.status().step, step)
    }),
    'describes its routes': operated({ authorize: () => true }, async (app) => {
      const { status, headers, body } = await app.send('/canary/openapi.json')
      equal(status, 200)
      match(headers['content-type'] ?? '', /^application\/json/)
      const { openapi, paths } = JSON.parse(body)
      equal(openapi, '3.1.0')
      equal(Object.keys(paths).includes('/rollback'), true)
    }),
    'streams what happens, until the server closes': play(async (stage) => {
      const canary = await stage.canary()
      const app = await openOperated(stage, canary, {})
      const incoming = await app.open('/canary/events', { headers: { 'last-event-id': 'none' } }).response
      const { 'content-type': type, 'cache-control': cache, 'x-content-type-options': sniff } = incoming.headers
      deepEqual(
        [incoming.statusCode, type, cache, sniff],
        [200, 'text/event-stream; charset=utf-8', 'no-store, no-transform', 'nosniff'],
      )
      const told = { text: '', isOver: false }
      incoming.setEncoding('utf8')
      incoming.on('data', (chunk: string) => {
        told.text += chunk
      })
      incoming.on('end', () => {
        told.isOver = true
      })
      await stage.until('the status is told', () => told.text.includes('event: status'))
      await canary.pause({ reason: 'lunch' })
      const whole = /event: reset\n[\s\S]*event: status\n[\s\S]*event: decision\n.*"reason":"lunch"/
      await stage.until('the decision is told', () => whole.test(told.text))
      equal(told.isOver, false)
      const { server } = app.sockets[0] as unknown as { readonly server: Server }
      server.close()
      await stage.until('the stream is over', () => told.isOver)
      deepEqual(app.errors, [])
    }),
    'serves several canaries below their names': play(async (stage) => {
      const canary = await stage.canary()
      const app = await openOperated(stage, [canary], { authorize: () => true })
      const { name } = canary.status()
      const [entry] = JSON.parse((await app.send('/canary/rollouts')).body)
      equal(entry.name, name)
      equal(JSON.parse((await app.send(`/canary/${entry.path}status`)).body).name, name)
      equal((await app.send(`/canary/${entry.path}rollback`, post())).status, 200)
      equal((await app.send('/canary/status')).status, 404)
    }),
    'answers 400 to a body that is no JSON object': operated({ authorize: () => true }, async (app, canary) => {
      for (const body of ['"now"', '{"reason":']) equal((await app.send('/canary/pause', post(body))).status, 400, body)
      equal(canary.status().state === 'paused', false)
    }),
  }
}

async function openOperated(
  stage: Stage,
  operatedOn: Canary | readonly [Canary],
  options: CanaryRoutesOptions<AnyRequest>,
): Promise<App> {
  const operated = [{ path: '/canary', canary: operatedOn, options }]
  const [canary] = 'status' in operatedOn ? [operatedOn] : operatedOn
  return stage.open({ canaries: [{ canary }], routes: [HEALTH, BESIDE, predicting()], operated })
}
