import type { Canary } from '@model-canary/core'
import { canaryMiddleware, canaryRoutes } from '@model-canary/express'
import express, { type Express, type Request } from 'express'
import { type Answer, afinn, afinnWithReach } from './models.js'

const served = {
  baseline: afinn,
  canary: afinnWithReach,
  fallback: true,
  predictionOf: ({ prediction }: Answer) => prediction,
  scoreOf: ({ score }: Answer) => score,
}

/**
 * `GET /predict?text=…`, `GET /health`, and the canary's own routes below `/canary`. Each answer names its worker.
 *
 * @param token callers that send it as a bearer token may use the verbs; without it, no caller may
 */
export function sentimentApp(canary: Canary<'v1' | 'v2'>, token: string | undefined): Express {
  const isOperator = (req: Request): boolean => token !== undefined && req.get('authorization') === `Bearer ${token}`
  const leads = (): boolean => canary.status().members?.leader === 'this process'
  return express()
    .disable('x-powered-by')
    .use((_req, res, next) => {
      res.set('x-worker', String(process.pid))
      next()
    })
    .use('/canary', canaryRoutes(canary, { authorize: isOperator }))
    .get('/health', (_req, res) => void res.json({ status: 'ok', pid: process.pid, leads: leads() }))
    .use(canaryMiddleware(canary, { key: (req) => req.get('x-user-id'), versionHeader: true }))
    .get('/predict', async (req, res) => {
      const { text } = req.query
      if (typeof text !== 'string') return void res.status(400).json({ error: 'ask with ?text=…' })
      res.json(await req.canary.run(served, text))
    })
}
