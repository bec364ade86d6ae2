import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createCanary } from '@model-canary/core'
import { realServer, startPrometheus } from '@model-canary/real-servers'
import { afterEach, describe, expect, it } from 'vitest'
import { fullRollout } from '../src/exporter/exporter.fixture.js'
import { prometheusExporter } from '../src/exporter/exporter.js'

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

realServer({ describe, it }, ['promtool'], 'the exposition, in promtool', (promtool) => {
  it('passes its linter without a warning', () => {
    const input = prometheusExporter(fullRollout()).render().body
    expect(execFileSync(promtool!, ['check', 'metrics'], { input, encoding: 'utf8', stdio: 'pipe' })).toBe('')
  })
})

/** Names of classes that a hostile model may return. */
const HOSTILE = 'a "b" \\ {c="d"} 1\n# EOF\n\u0000\r\ud800'

realServer({ describe, it }, ['prometheus'], 'the exposition, in a real Prometheus', () => {
  it.each([
    ['as it asks for it', undefined],
    ['in the text format', 'text/plain'],
  ])(
    'is scraped %s, whole and exact, whatever a class is called',
    async (_, accept) => {
      const canary = createCanary({ name: 'sentiment', versions: { baseline: 'v1', canary: 'v2' } })
      closers.push(() => canary.close())
      for (let call = 0; call < 1_000; call++) {
        canary.record({ variant: 'baseline', durationMs: call, outcome: call % 10 === 0 ? 'error' : 'success' })
      }
      canary.record({ variant: 'canary', durationMs: 5, outcome: 'success', prediction: HOSTILE, score: -2 })
      const exporter = prometheusExporter([canary, { ...fullRollout(), name: 'full' }])
      const types = new Set<string>()
      const server = createServer((request, response) => {
        if (accept !== undefined) request.headers.accept = accept
        exporter.handler(request, response)
        types.add(exporter.contentType(request.headers.accept))
      }).listen(0, '127.0.0.1')
      closers.push(() => server.close())
      closers.push(() => server.closeAllConnections())
      await once(server, 'listening')
      const prometheus = await startPrometheus({
        scrape: [{ job: 'service', targets: [`127.0.0.1:${(server.address() as AddressInfo).port}`] }],
        intervalMs: 250,
      })
      closers.push(prometheus.close)

      const query = async (expr: string): Promise<readonly string[]> => {
        const answer = await fetch(`${prometheus.url}/api/v1/query?query=${encodeURIComponent(expr)}`)
        const { data } = (await answer.json()) as { data: { result: { value: [number, string] }[] } }
        return data.result.map(({ value }) => value[1])
      }
      const isScraped = () => query('model_canary_failed_scrapes_total{rollout="sentiment"}')
      await expect.poll(isScraped, { timeout: 20_000 }).toEqual(['0'])

      expect([...types].map((type) => type.split(';')[0])).toEqual([accept ?? 'application/openmetrics-text'])
      expect(await query('up')).toEqual(['1'])
      expect(
        await query('model_canary_requests_total{rollout="sentiment",variant="baseline",outcome="error"}'),
      ).toEqual(['100'])
      // of 0 … 999 ms, 0 … 131 are below 131.072
      expect(
        await query(
          'model_canary_request_duration_seconds_bucket{rollout="sentiment",variant="baseline",le="0.131072"}',
        ),
      ).toEqual(['132'])
      expect(await query('model_canary_request_duration_seconds_sum{rollout="sentiment",variant="baseline"}')).toEqual([
        '499.5',
      ])
      expect(await query('model_canary_predictions_total{rollout="sentiment"}')).toEqual(['1'])
      const labels = await fetch(`${prometheus.url}/api/v1/label/prediction/values`)
      expect((await labels.json()) as object).toMatchObject({
        data: expect.arrayContaining(['a "b" \\ {c="d"} 1\n# EOF\n\ufffd\ufffd\ufffd']),
      })
      expect(await query('model_canary_score_sum{rollout="sentiment"}')).toEqual(['-2'])
      expect(await query('model_canary_evidence{rollout="full",direction="safety"}')).toEqual(['0', '10'])
      expect(await query('count({rollout="full"})')).toEqual([String(seriesIn(exporter.render().body, 'full'))])
    },
    60_000,
  )
})

function seriesIn(text: string, rollout: string): number {
  return text.split('\n').filter((line) => line.includes(`{rollout="${rollout}"`)).length
}
