import { once } from 'node:events'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { afterEach, describe, expect, it } from 'vitest'
import { OPEN_METRICS, rolloutWith, samplesOf } from './exporter.fixture.js'
import { prometheusExporter } from './exporter.js'

const closers: (() => unknown)[] = []
afterEach(() => {
  for (const close of closers.splice(0)) close()
})

async function listening(handler: Parameters<typeof createServer>[1]): Promise<string> {
  const server = createServer(handler).listen(0, '127.0.0.1')
  closers.push(() => server.close())
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

describe('the handler', () => {
  const exporter = prometheusExporter(rolloutWith({}).rollout)

  it('answers with the text format', async () => {
    const answer = await fetch(await listening(exporter.handler))
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
    expect(answer.headers.get('vary')).toBe('Accept')
    expect(await answer.text()).toBe(exporter.render().body)
  })

  it('answers with OpenMetrics if that is requested', async () => {
    const answer = await fetch(await listening(exporter.handler), { headers: { accept: OPEN_METRICS } })
    expect(answer.headers.get('content-type')).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8')
    expect(exporter.contentType(OPEN_METRICS)).toBe(answer.headers.get('content-type'))
    expect(await answer.text()).toBe(exporter.render(OPEN_METRICS).body)
  })

  it('answers HEAD with the length and no body', async () => {
    const asked = request(await listening(exporter.handler), { method: 'HEAD' }).end()
    const [answer] = await once(asked, 'response')
    answer.resume()
    expect(answer.headers['content-length']).toBe(String(Buffer.byteLength(exporter.render().body)))
  })

  it('counts the bytes of its text, not the characters', async () => {
    const { rollout } = rolloutWith({ canary: { predictions: { labels: [['日本語', 1]], other: 0 } } })
    const answer = await fetch(await listening(prometheusExporter(rollout).handler))
    expect(samplesOf(await answer.text())).toMatchObject({
      'model_canary_predictions_total{variant=canary,prediction=日本語}': 1,
    })
  })

  it.each(['POST', 'PUT', 'DELETE', 'OPTIONS'])('refuses %s', async (method) => {
    const answer = await fetch(await listening(exporter.handler), { method })
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
  })

  it('answers 500 if the rollout cannot be read', async () => {
    const broken = {
      ...rolloutWith({}).rollout,
      counts() {
        throw new Error('secret')
      },
    }
    const answer = await fetch(await listening(prometheusExporter(broken).handler))
    expect([answer.status, await answer.text()]).toEqual([500, 'The metrics could not be rendered.\n'])
  })

  it('works as a route of Express', async () => {
    const app = express()
    app.get('/metrics', exporter.handler)
    const answer = await fetch(`${await listening(app)}/metrics`)
    expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
    expect(await answer.text()).toBe(exporter.render().body)
  })
})
