import { type Canary, isCanaryError } from '@model-canary/core'
import { dashboard } from '@model-canary/dashboard'
import { canaryMiddleware, canaryRoutes } from '@model-canary/express'
import express, { type ErrorRequestHandler, type Express, type Response } from 'express'
import type { ModelPair } from '../models/model.js'
import { servable } from './models.js'
import { readQuestion } from './question.js'

/** The service: one route that calls the models, and below `/canary` the canary's page and its routes. */
export function sentimentApp(canary: Canary, models: ModelPair): Express {
  const app = express()
  const served = servable(models)
  app.disable('x-powered-by')
  app.use(express.json({ limit: '64kb' }))
  app.use(canaryMiddleware(canary, { key: (req) => req.get('x-user-id'), versionHeader: true }))

  app.post('/predict', async (req, res) => {
    const question = readQuestion(req.body)
    if ('problem' in question) return refuse(res, 400, 'BAD_INPUT', question.problem)
    res.json(await req.canary.run(served, question))
  })

  app.get('/health', (_req, res) => {
    res.json({ status: 'ok', pid: process.pid })
  })
  app.use(
    '/canary',
    canaryRoutes(canary, { authorize: (req) => isOperator(req.get('authorization')), dashboard: dashboard() }),
  )

  app.use((req, res) => refuse(res, 404, 'NOT_FOUND', `there is no ${req.method} ${req.path}`))
  app.use(answerErrors)
  return app
}

/** Operators know the token of the environment. Without one, nobody can change the rollout. */
function isOperator(authorization: string | undefined): boolean {
  const { OPERATOR_TOKEN } = process.env
  return OPERATOR_TOKEN !== undefined && authorization === `Bearer ${OPERATOR_TOKEN}`
}

/** Clients get a code and a sentence, but no stack. */
const answerErrors: ErrorRequestHandler = (error, _req, res, next) => {
  if (res.headersSent) return next(error)
  if (error?.type === 'entity.parse.failed') return refuse(res, 400, 'BAD_INPUT', 'the body is not valid JSON')
  if (error?.type === 'entity.too.large') return refuse(res, 413, 'BAD_INPUT', 'the body is larger than 64 kB')
  if (error?.status >= 400 && error?.status < 500) return refuse(res, error.status, 'BAD_INPUT', String(error.message))
  if (isCanaryError(error, 'MODEL_TIMEOUT')) return refuse(res, 504, 'MODEL_TIMEOUT', 'the model took too long')
  refuse(res, 500, 'MODEL_FAILED', 'the model could not answer')
}

function refuse(res: Response, status: number, code: string, message: string): void {
  res.status(status).json({ error: { code, message } })
}
