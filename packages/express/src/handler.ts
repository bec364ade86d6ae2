import type { Canary, ServingOptions } from '@model-canary/core'
import { type CanaryMiddlewareOptions, canaryOf, checkServable } from '@model-canary/core/adapter'
import { optionalFunction } from '@model-canary/foundation'
import type { Request, RequestHandler, Response } from 'express'
import { canaryMiddleware } from './middleware.js'

/** The options of {@link canaryHandler}: two models with one input, how they are served, and who is routed. */
export interface CanaryHandlerOptions<Input, Baseline, CanaryOutput>
  extends CanaryMiddlewareOptions<Request>,
    ServingOptions<[Input], Awaited<Baseline> | Awaited<CanaryOutput>> {
  /** Reads the models' input from a request. What it throws goes to `next`, and no model is called. */
  readonly input: (req: Request) => Input
  readonly baseline: (input: Input) => Baseline
  readonly canary: (input: Input) => CanaryOutput
  /** Answers with the output. @default (output, res) => res.json(output) */
  readonly send?: (output: Awaited<Baseline> | Awaited<CanaryOutput>, res: Response, req: Request) => unknown
}

/**
 * Makes a route that answers with this request's version, with or without the middleware before it. What a model, `input`
 * or `send` throws or rejects with goes to `next`, on Express 4 as well, where a rejection of a handler ends the process.
 *
 * @throws `UNKNOWN_OPTION`, `INVALID_OPTION`, `MISSING_HANDLER`
 * @example
 * app.post('/predict', canaryHandler(canary, { input: (req) => req.body.text, baseline: v1, canary: v2, fallback: true }))
 */
export function canaryHandler<Version extends string, Input, Baseline, CanaryOutput>(
  canary: Canary<Version>,
  options: CanaryHandlerOptions<Input, Baseline, CanaryOutput>,
): RequestHandler {
  const { input, send = (output, res) => res.json(output), key, attributes, versionHeader, ...servable } = options
  optionalFunction('canaryHandler: input', input ?? null)
  optionalFunction('canaryHandler: send', send)
  checkServable('canaryHandler', servable)
  const attach = canaryMiddleware(canary, {
    ...(key && { key }),
    ...(attributes && { attributes }),
    ...(versionHeader !== undefined && { versionHeader }),
  })

  const { baseline, canary: candidate, ...serving } = servable
  const predict = canary.models({ baseline, canary: candidate }, serving)

  const answer = async (req: Request, res: Response): Promise<void> => {
    const output = await canaryOf(req, canary).run(predict, input(req))
    await send(output as Awaited<Baseline> | Awaited<CanaryOutput>, res, req)
  }

  return function canaryHandler(req, res, next) {
    attach(req, res, () => {
      answer(req, res).catch(next)
    })
  }
}
