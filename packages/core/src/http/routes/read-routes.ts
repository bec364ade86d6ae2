import type { Canary } from '../../canary/canary.js'
import type { Status } from '../../rollout/status.js'
import { publicDecision, publicStatus } from './public-status.js'
import { refusalOf } from './refusals.js'
import { answer, type RouteAnswer, refusal, shown } from './route-answer.js'
import type { OperatedRollout } from './route-options.js'

/** A request of a route that only reads. */
export interface ReadRequest {
  readonly rollout: OperatedRollout
  readonly query: URLSearchParams
  /** Resolves to whether the client may see the words of other people's errors. */
  readonly isTrusted: () => Promise<boolean>
}

/** The routes that only read, by name; each is `undefined` where the rollout cannot answer it. */
type Read = (request: ReadRequest) => Promise<RouteAnswer | undefined>

const READS: Readonly<Record<string, Read>> = {
  async status({ rollout, isTrusted }) {
    const status = await shownStatus(rollout, isTrusted)
    return answer(200, { body: { ...status, explanation: rollout.explain(status) } })
  },
  async explain({ rollout, isTrusted }) {
    const text = shown(rollout.explain(await shownStatus(rollout, isTrusted)))
    return answer(200, { contentType: 'text/plain; charset=utf-8', body: `${text}\n` })
  },
  async history({ rollout, query, isTrusted }) {
    const page = pageOf(query)
    if (page === undefined) return BAD_PAGE
    try {
      const decisions = await rollout.history(page)
      return answer(200, { body: (await isTrusted()) ? decisions : decisions.map(publicDecision) })
    } catch (error) {
      return refusalOf(error, 'history', isTrusted)
    }
  },
  async metrics({ rollout, query, isTrusted }) {
    const { metrics } = rollout
    return metrics && answerOf('metrics', () => metrics(metricsAsked(query)), isTrusted)
  },
  async points({ rollout: { points }, isTrusted }) {
    return points && answerOf('points', points, isTrusted)
  },
}

/** Returns what a function returns, or why it rejects. */
async function answerOf(what: string, read: () => unknown, isTrusted: ReadRequest['isTrusted']): Promise<RouteAnswer> {
  try {
    return answer(200, { body: await read() })
  } catch (error) {
    return refusalOf(error, what, isTrusted)
  }
}

/** Returns the route of this name that only reads; `undefined` if there is none. */
export const readRouteOf = (name: string): Read | undefined => (Object.hasOwn(READS, name) ? READS[name] : undefined)

/** Returns the status as the client may see it. */
async function shownStatus(rollout: OperatedRollout, isTrusted: () => Promise<boolean>): Promise<Status> {
  return (await isTrusted()) ? rollout.status() : publicStatus(rollout.status())
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
