import type { Canary } from '@model-canary/core'
import {
  type CanaryMiddlewareOptions,
  nodeTie,
  type RequestCanary,
  requestCanary,
  resolveMiddleware,
  seat,
} from '@model-canary/core/adapter'
import type { Request, RequestHandler, Response } from 'express'

declare global {
  namespace Express {
    interface Request {
      /** The canary whose middleware this request passed last. */
      canary: RequestCanary
    }
  }
}

/**
 * Adds the canary to every request as `req.canary`. It is lazy: requests that never use it are not counted.
 *
 * @throws `UNKNOWN_OPTION`, `INVALID_OPTION`
 * @example
 * app.use(canaryMiddleware(canary, { key: (req) => req.get('x-user-id') }))
 * app.post('/predict', async (req, res) => res.json(await req.canary.run({ baseline: v1, canary: v2 }, req.body)))
 */
export function canaryMiddleware<Version extends string>(
  canary: Canary<Version>,
  options: CanaryMiddlewareOptions<Request> = {},
): RequestHandler {
  const attach = createAttach('canaryMiddleware', canary, options)
  return function canaryMiddleware(req, res, next) {
    attach(req, res)
    next()
  }
}

/** Creates the function that attaches a canary to a request; it returns `false` if that was done before. */
export function createAttach<Version extends string, Params>(
  where: string,
  canary: Canary<Version>,
  options: CanaryMiddlewareOptions<Request<Params>>,
): (req: Request<Params>, res: Response) => boolean {
  const { routingOf, versionHeader } = resolveMiddleware(where, canary, options)
  return (req, res) => {
    let isNew = false
    req.canary = seat(req, canary, () => {
      isNew = true
      return requestCanary(canary, nodeTie(res), { request: () => routingOf(req), versionHeader })
    })
    return isNew
  }
}
