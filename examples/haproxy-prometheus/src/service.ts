import { createServer, type Server } from 'node:http'
import type { Variant, Versions } from '@model-canary/core'
import { createRecorder } from '@model-canary/core/judge'
import { prometheusExporter } from '@model-canary/prometheus'
import type { Model } from './models.js'

/** Both versions, as every process names them. */
export const VERSIONS: Versions = { baseline: 'v1', canary: 'v2' }

/** The rollout's name, the label with which the controller finds the counts. */
export const ROLLOUT = 'sentiment'

/**
 * One version of the model behind HTTP: `GET /predict?text=…`, and `GET /metrics` for Prometheus.
 *
 * This process does not split traffic. It only counts its version's calls, with the recorder that a canary also uses.
 */
export function modelService(variant: Variant, model: Model): Server {
  const recorder = createRecorder()
  const exporter = prometheusExporter({
    name: ROLLOUT,
    versions: VERSIONS,
    counts: () => ({ [variant]: recorder.read('rollout', performance.now())[variant] }),
  })

  const predict = (text: string): { readonly status: number; readonly body: unknown } => {
    const startedAt = performance.now()
    const finished = () => ({ variant, at: performance.now(), durationMs: performance.now() - startedAt })
    try {
      const answer = model(text)
      recorder.record({ ...finished(), outcome: 'success', prediction: answer.prediction, score: answer.score })
      return { status: 200, body: answer }
    } catch {
      recorder.record({ ...finished(), outcome: 'error' })
      return { status: 500, body: { error: 'the model failed' } }
    }
  }

  return createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://service')
    if (pathname === '/metrics') return exporter.handler(request, response)
    const text = searchParams.get('text')
    const { status, body } =
      pathname === '/predict' && text !== null ? predict(text) : { status: 404, body: { error: 'ask /predict?text=…' } }
    response.writeHead(status, { 'content-type': 'application/json', 'x-model-version': VERSIONS[variant] })
    response.end(JSON.stringify(body))
  })
}
