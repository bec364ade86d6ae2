import type { AdapterRoute, Exchange } from './setup.js'
import type { Stage } from './stage.js'

/** Turns actions on a stage into a rule. The stage is closed afterwards, however the rule ends. */
export type Play = (act: (stage: Stage) => Promise<void>) => () => Promise<void>

/** A route that does not use the canary. */
export const HEALTH: AdapterRoute = { path: '/health', answer: () => ({ body: 'ok' }) }

/** Both models, for a rule that only calls the canary. */
export const only = <Output>(canary: () => Output) => ({ baseline: (): Output | string => 'by v1', canary })

/** A route at `/predict` that runs one model and answers with its output. */
export function predicting(model: () => unknown = () => 'by v2', status = 200): AdapterRoute {
  return {
    path: '/predict',
    answer: async ({ canary }) => ({ status, body: String(await canary.run(only(model))) }),
  }
}

/** A route at `/predict` that answers by itself and only reads the canary's members. */
export function looking(look: (exchange: Exchange) => unknown, status = 200): AdapterRoute {
  return { path: '/predict', answer: (exchange) => ({ status, body: String(look(exchange)) }) }
}
