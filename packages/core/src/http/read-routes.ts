import type { Canary } from '../canary/canary.js'
import { visible } from '../foundation/visible-text.js'
import type { Status } from '../rollout/status.js'
import type { MetricsWindow } from '../summaries/metrics-window.js'
import { publicDecision, publicStatus } from './public-status.js'
import { refusalOf } from './refusals.js'
import { answer, type RouteAnswer, refusal } from './route-answer.js'

/** A request of a route that only reads. */
export interface ReadRequest {
  readonly canary: Canary
  readonly query: URLSearchParams
  /** Resolves to whether the client may see the words of other people's errors. */
  readonly isTrusted: () => Promise<boolean>
}

type Answer = (request: ReadRequest) => Promise<RouteAnswer>

/** The routes that only read, by name. */
const ANSWERS: Readonly<Record<string, Answer>> = {
  async status({ canary, isTrusted }) {
    const status = await shownStatus(canary, isTrusted)
    return answer(200, { body: { ...status, explanation: canary.explain(status) } })
  },
  async explain({ canary, isTrusted }) {
    const text = visible(canary.explain(await shownStatus(canary, isTrusted)))
    return answer(200, { contentType: 'text/plain; charset=utf-8', body: `${text}\n` })
  },
  async history({ canary, query, isTrusted }) {
    const page = pageOf(query)
    if (page === undefined) return BAD_PAGE
    try {
      const decisions = await canary.history(page)
      return answer(200, { body: (await isTrusted()) ? decisions : decisions.map(publicDecision) })
    } catch (error) {
      return refusalOf(error, 'history', isTrusted)
    }
  },
  async metrics({ canary, query }) {
    const window = windowOf(query)
    return window === undefined ? BAD_WINDOW : answer(200, { body: canary.metrics({ window }) })
  },
}

/** Returns the route of this name that only reads; `undefined` if there is none. */
export const readRouteOf = (name: string): Answer | undefined =>
  Object.hasOwn(ANSWERS, name) ? ANSWERS[name] : undefined

/** Returns the status as the client may see it. */
async function shownStatus(canary: Canary, isTrusted: () => Promise<boolean>): Promise<Status> {
  return (await isTrusted()) ? canary.status() : publicStatus(canary.status())
}

const BAD_WINDOW = /* @__PURE__ */ refusal(
  400,
  'INVALID_OPTION',
  'window is "rollout", "step", or lastMs a number from 1 up',
)

function windowOf(query: URLSearchParams): MetricsWindow | undefined {
  const lastMs = query.get('lastMs')
  if (lastMs !== null) return isSpan(Number(lastMs)) ? { lastMs: Number(lastMs) } : undefined
  const window = query.get('window') ?? 'rollout'
  return window === 'rollout' || window === 'step' ? window : undefined
}

const isSpan = (ms: number): boolean => ms >= 1 && Number.isFinite(ms)

const BAD_PAGE = /* @__PURE__ */ refusal(
  400,
  'INVALID_OPTION',
  'before is the sequence of a decision, and limit a whole number from 1 to 1000',
)

/** Returns the page of a query; `undefined` if a value is not a whole number. `history()` checks the bounds. */
function pageOf(query: URLSearchParams): { readonly before?: number; readonly limit?: number } | undefined {
  const [before, limit] = [query.get('before'), query.get('limit')]
  if (!isWhole(before) || !isWhole(limit)) return undefined
  return { ...(before !== null && { before: Number(before) }), ...(limit !== null && { limit: Number(limit) }) }
}

/** Returns whether a value is missing or has only digits: at most 15, so that the number is exact. */
const isWhole = (value: string | null): boolean => value === null || (value.length <= 15 && /^\d+$/.test(value))
