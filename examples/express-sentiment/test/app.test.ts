import { request } from 'node:http'
import type { Canary } from '@model-canary/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ModelPair } from '../src/models/model.js'
import { scenarios } from '../src/models/scenarios.js'
import { paces } from '../src/pace.js'
import { sentimentApp } from '../src/serving/app.js'
import { sentimentCanary } from '../src/serving/canary.js'
import { type Listening, listen, whyNotListening } from '../src/serving/listen.js'

let canary: Canary
let service: Listening
let origin: string

const good = scenarios.good.models()

async function serve(models: ModelPair): Promise<void> {
  canary = sentimentCanary(models, paces.fast) as Canary
  service = await listen(sentimentApp(canary, models), 0)
  origin = `http://127.0.0.1:${service.port}`
}

beforeEach(() => serve(good))
afterEach(async () => {
  await canary.close()
  await service.close()
})

const post = (body: string, type = 'application/json') =>
  fetch(`${origin}/predict`, { method: 'POST', headers: { 'content-type': type }, body })

const textOf = (length: number): string => `{"text":"${'a'.repeat(length)}"}`

describe('POST /predict', () => {
  it('answers with the prediction, how sure it is, and the version', async () => {
    const response = await post('{"text":"I love it, it is great"}')
    expect(response.status).toBe(200)
    expect(response.headers.get('x-model-version')).toBe('v1')
    expect(await response.json()).toEqual({ prediction: 'positive', confidence: 0.8, version: 'v1' })
  })

  it('records the accuracy when the caller knows the true label', async () => {
    await post('{"text":"I love it","label":"positive"}')
    await post('{"text":"I love it","label":"negative"}')
    await post('{"text":"I love it"}')
    expect(canary.metrics().v1).toMatchObject({ requestCount: 3, metrics: { accuracy: { count: 2, mean: 0.5 } } })
  })

  it.each([
    ['a body without a text', '{}', 'text is missing; send {"text": "I love it"}'],
    ['an array', '[]', 'send a JSON object such as {"text": "I love it"}, with content-type application/json'],
    ['a number', '{"text":7}', 'text must be a string, not a number'],
    ['null', '{"text":null}', 'text must be a string, not null'],
    ['a list of texts', '{"text":["a"]}', 'text must be a string, not an array'],
    ['an object for a text', '{"text":{}}', 'text must be a string, not an object'],
    ['an empty text', '{"text":"  "}', 'text is empty'],
    ['a long text', textOf(5_001), 'text has 5001 characters; at most 5000 are taken'],
    ['another label', '{"text":"a","label":"good"}', 'label must be "positive" or "negative", or be left out'],
    ['half of a JSON', '{"text":', 'the body is not valid JSON'],
    ['a bare string', '"text"', 'the body is not valid JSON'],
  ])('refuses %s with a sentence, and counts nothing', async (_name, body, message) => {
    const response = await post(body)
    expect(response.status).toBe(400)
    expect(await response.json()).toEqual({ error: { code: 'BAD_INPUT', message } })
    expect(canary.metrics().v1?.requestCount).toBe(0)
  })

  it('takes a text of exactly the greatest length', async () => {
    expect((await post(textOf(5_000))).status).toBe(200)
  })

  it('refuses what is not JSON, and what is far too large', async () => {
    expect((await post('I love it', 'text/plain')).status).toBe(400)
    const large = await post(textOf(70_000))
    expect(large.status).toBe(413)
    expect(await large.json()).toEqual({ error: { code: 'BAD_INPUT', message: 'the body is larger than 64 kB' } })
  })

  it('tells of a model that throws, without its stack', async () => {
    await canary.close()
    await service.close()
    await serve(scenarios.better.models())
    const response = await post('{"text":"a \\"quoted\\" word"}')
    expect(response.status).toBe(500)
    expect(await response.json()).toEqual({ error: { code: 'MODEL_FAILED', message: 'the model could not answer' } })
    expect(canary.metrics().v1).toMatchObject({ errorCount: 1 })
  })
})

describe('the other routes', () => {
  it('tell of the health, without being counted', async () => {
    const response = await fetch(`${origin}/health`)
    expect(await response.json()).toEqual({ status: 'ok', pid: process.pid })
    expect(canary.metrics().v1?.requestCount).toBe(0)
  })

  it('tell of the rollout', async () => {
    const status = await (await fetch(`${origin}/canary/status`)).json()
    expect(status).toMatchObject({ name: 'sentiment', state: 'idle', versions: { baseline: 'v1', canary: 'v2' } })
    const metrics = await (await fetch(`${origin}/canary/metrics`)).json()
    expect(metrics).toMatchObject({ v1: { requestCount: 0, errorRate: null }, v2: { requestCount: 0 } })
  })

  it('are JSON also where there is nothing', async () => {
    const response = await fetch(`${origin}/nothing`)
    expect(response.status).toBe(404)
    expect(await response.json()).toEqual({ error: { code: 'NOT_FOUND', message: 'there is no GET /nothing' } })
  })
})

describe('listening', () => {
  it('keeps a connection for longer than clients do, so that it is not closed under a request', () => {
    expect(service.server.keepAliveTimeout).toBeGreaterThan(60_000)
  })

  it('rejects on a taken port, and there is a sentence for that', async () => {
    const error = await listen(() => {}, service.port).catch((reason) => reason)
    expect(whyNotListening(error, service.port)).toBe(
      `Port ${service.port} is already in use; free it, or pass another one: --port 3001`,
    )
    expect(whyNotListening(Object.assign(new Error(), { code: 'EACCES' }), 80)).toContain('Port 80 may not be used')
    expect(whyNotListening(new Error('no network'), 80)).toContain('no network')
  })

  it('closes although a connection is kept and a request unanswered', async () => {
    const silent = await listen(() => {}, 0)
    const asked = new Promise((resolve) => {
      request({ port: silent.port })
        .on('error', ({ message }) => resolve(message))
        .end()
    })
    await new Promise((resolve) => silent.server.once('request', resolve))
    await silent.close()
    expect(await asked).toBe('socket hang up')
  })
})
