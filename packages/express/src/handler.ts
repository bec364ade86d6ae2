import { type Canary, CanaryError, type ServingOptions } from '@model-canary/core'
import {
  type CanaryMiddlewareOptions,
  canaryOf,
  checkServable,
  ignoredOptions,
  runAndSend,
} from '@model-canary/core/adapter'
import { optionalFunction, show } from '@model-canary/foundation'
import type { Request, RequestHandler, Response } from 'express'
import { createAttach } from './middleware.js'

/** The options of {@link canaryHandler}: two models with the same input, how to serve them, and how to route. */
export interface CanaryHandlerOptions<Input, Baseline, CanaryOutput, Params = Request['params']>
  extends CanaryMiddlewareOptions<Request<Params>>,
    ServingOptions<[Input], Awaited<Baseline> | Awaited<CanaryOutput>> {
  /**
   * Reads the models' input from a request. If it throws, the error goes to `next` and no model is called. TypeScript
   * does not know the path here: name its parameters, as in `(req: Request<{ id: string }>) => req.params.id`.
   */
  readonly input: (req: Request<Params>) => Input
  /** The model of the baseline. */
  readonly baseline: (input: Input) => Baseline
  /** The model of the canary. */
  readonly canary: (input: Input) => CanaryOutput
  /**
   * Sends the output as the response. If it throws or rejects, that is an error of the version that answered; with
   * `fallback`, the baseline's answer is sent unless the response has begun. Without it, a stream, a response or a
   * generator is an error of its version, and so is `undefined`, which is sent as an empty body if nothing replaces it.
   * @default (output, res) => res.json(output)
   */
  readonly send?: (output: Awaited<Baseline> | Awaited<CanaryOutput>, res: Response, req: Request<Params>) => unknown
}

/**
 * Creates a route that answers with the version that this request is assigned. It works with and without the middleware
 * in front of it.
 *
 * Behind `canaryMiddleware` of the same canary, the `key`, `attributes` and `versionHeader` of the middleware apply. A
 * request has one assignment, which another handler may have used already, so a second key could give one user both
 * versions. If the handler has such options of its own, that is reported once, as `OPTION_IGNORED`.
 *
 * An output that cannot be sent, such as JSON with a BigInt, counts as an error of its version. The time of sending is
 * not part of the latency.
 *
 * Errors and rejections of a model, `input` or `send` go to `next`, on Express 4 as well, where an
 * unhandled rejection of a handler would end the process. A value that Express does not take for an error, such as
 * `undefined` or `'route'`, is the `cause` of one.
 *
 * @throws `UNKNOWN_OPTION`, `INVALID_OPTION`, `MISSING_HANDLER`
 * @example
 * app.post('/predict', canaryHandler(canary, { input: (req) => req.body.text, baseline: v1, canary: v2, fallback: true }))
 */
export function canaryHandler<Version extends string, Input, Baseline, CanaryOutput, Params = Request['params']>(
  canary: Canary<Version>,
  options: CanaryHandlerOptions<Input, Baseline, CanaryOutput, Params>,
): RequestHandler<Params> {
  const { input, send, key, attributes, versionHeader, ...servable } = options
  if (typeof input !== 'function') {
    throw new CanaryError('INVALID_OPTION', 'canaryHandler: pass input: (req) => req.body')
  }
  optionalFunction('canaryHandler: send', send)
  checkServable('canaryHandler', servable)
  const own = {
    ...(key && { key }),
    ...(attributes && { attributes }),
    ...(versionHeader !== undefined && { versionHeader }),
  }
  const attach = createAttach('canaryHandler', canary, own)
  const names = Object.keys(own)
  let isTold = names.length === 0

  const { baseline, canary: candidate, ...serving } = servable
  const predict = canary.models({ baseline, canary: candidate }, serving)

  const answer = async (req: Request<Params>, res: Response): Promise<void> => {
    await runAndSend(canaryOf(req, canary), predict, [input(req)], {
      send: (output) => (send ? send(output, res, req) : res.json(output)),
      isJson: send === undefined,
      isBegun: () => res.headersSent,
      isEnded: () => res.writableEnded,
    })
  }

  return function canaryHandler(req, res, next) {
    if (!attach(req, res) && !isTold) {
      isTold = true
      canary.report(ignoredOptions('canaryHandler', names, 'canaryMiddleware'))
    }
    answer(req, res).catch((reason: unknown) => next(asError(reason)))
  }
}

/** Returns what a request failed with as Express takes it for an error: it goes on to another route for other values. */
function asError(reason: unknown): unknown {
  if (reason && reason !== 'route' && reason !== 'router') return reason
  return new Error(`a model, input or send failed with ${show(reason)}, which is not an error`, { cause: reason })
}
