import type { Canary } from '../../canary/canary.js'
import { stage } from '../../serving/stage.fixture.js'
import type { IncomingHeaders } from '../read-body.js'
import { createRoutes } from './create-routes.js'
import type { RouteAnswer } from './route-answer.js'
import type { CanaryRoutesOptions } from './route-options.js'

/** The headers of a verb. */
export const JSON_BODY = { 'content-type': 'application/json', authorization: 'Bearer secret' }

/** The options of {@link opened}. */
export interface OpenedOptions extends CanaryRoutesOptions<string> {
  /** Other canaries that are mounted with the first one, which is called `stage`. */
  readonly others?: readonly Canary[]
}

/** Sends a request to the routes of a canary that is under way. */
export type Ask = (
  method: string,
  url: string,
  body?: unknown,
  headers?: IncomingHeaders,
) => Promise<RouteAnswer | undefined>

/** Starts a canary and creates its routes, which live by the same clock. */
export async function opened({ others, ...options }: OpenedOptions = {}) {
  const staged = await stage()
  const routes = createRoutes(others ? [staged.canary, ...others] : staged.canary, options, staged.clock)
  const ask: Ask = (method, url, body, headers = method === 'POST' ? JSON_BODY : {}) => {
    const [path = '', query] = url.split('?')
    return routes({
      method,
      path,
      query: new URLSearchParams(query),
      headers,
      request: 'request',
      body: async () => body,
    })
  }
  return { ...staged, ask }
}
