import type { AdapterRoute, Exchange } from './setup.js'
import type { Stage } from './stage.js'

/** Makes a rule of what happens on a stage; the stage is closed behind it, however it ends. */
export type Play = (act: (stage: Stage) => Promise<void>) => () => Promise<void>

/** A route that the canary has no part in. */
export const HEALTH: AdapterRoute = { path: '/health', answer: () => ({ body: 'ok' }) }

/** Both models, for a rule in which only the canary is asked. */
export const only = <Output>(canary: () => Output) => ({ baseline: (): Output | string => 'by v1', canary })

/** A route at `/predict` that runs one model and answers with what it says. */
export function predicting(model: () => unknown = () => 'by v2', status = 200): AdapterRoute {
  return {
    path: '/predict',
    answer: async ({ canary }) => ({ status, body: String(await canary.run(only(model))) }),
  }
}

/** A route at `/predict` that serves by itself and only looks at the canary. */
export function looking(look: (exchange: Exchange) => unknown, status = 200): AdapterRoute {
  return { path: '/predict', answer: (exchange) => ({ status, body: String(look(exchange)) }) }
}
