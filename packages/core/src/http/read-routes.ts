import type { Canary } from '../canary/canary.js'
import { visible } from '../foundation/visible-text.js'
import type { Status } from '../rollout/status.js'
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
  async metrics({ canary, query, isTrusted }) {
    try {
      return answer(200, { body: await canary.metrics(metricsAsked(query)) })
    } catch (error) {
      return refusalOf(error, 'metrics', isTrusted)
    }
  },
}

/** Returns the route of this name that only reads; `undefined` if there is none. */
export const readRouteOf = (name: string): Answer | undefined =>
  Object.hasOwn(ANSWERS, name) ? ANSWERS[name] : undefined

/** Returns the status as the client may see it. */
async function shownStatus(canary: Canary, isTrusted: () => Promise<boolean>): Promise<Status> {
  return (await isTrusted()) ? canary.status() : publicStatus(canary.status())
}

/** Returns what a query asks `metrics()` for, which checks it. */
function metricsAsked(query: URLSearchParams) {
  const [scope, window, lastMs] = ['scope', 'window', 'lastMs'].map((name) => query.get(name) ?? undefined)
  return { scope, window: lastMs === undefined ? window : { lastMs: Number(lastMs) } } as Parameters<
    Canary['metrics']
  >[0]
}

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
