/** The traffic of an arm, by which implausible counts are recognised. */
export interface Traffic {
  /** The counts by kind in all counted rounds. */
  readonly rises: ReadonlyMap<string, number>
  /** The length of all counted rounds, in milliseconds. */
  readonly overMs: number
  /** Requests per millisecond in the latest counted round. */
  readonly latest: number
  /** Requests of both arms per millisecond before counting started; `null` if not known. */
  readonly before: number | null
  /** Requests per millisecond in the previous round, if it was excluded; `null` otherwise. */
  readonly refused: number | null
}

/** The traffic of an arm before its first round. */
export const noTraffic: Traffic = { rises: new Map(), overMs: 0, latest: 0, before: null, refused: null }

/** How far a counter may exceed its expected count, so that a few requests are never implausible. */
const SLACK = { scrape: 10, restart: 20, sum: 100, jump: 100 } as const

/** The multiples of the arm's own rate that are plausible. */
const TIMES = { scrape: 1, restart: 3, sum: 3, jump: 20 } as const

/**
 * Returns the largest plausible count of an arm's counter in a period; `Infinity` if the arm's traffic is not known.
 *
 * `scrape`: the traffic of the whole arm. `restart`: the same, with room for a burst. `sum`: the limit for an
 * expression. `jump`: the limit above which a round is excluded.
 */
export function explained(traffic: Traffic, kind: string, forMs: number, as: keyof typeof TIMES): number {
  const perMs = Math.max(requestsPerMs(traffic), ownPerMs(traffic, kind))
  return TIMES[as] * perMs * forMs + SLACK[as]
}

/** Whether a round has implausibly many requests. A second round at a similar rate is a lasting change of traffic. */
export function isJump(traffic: Traffic, requests: number, forMs: number, as: 'sum' | 'jump'): boolean {
  if (!(requests > explained(traffic, 'requests', forMs, as))) return false
  const perMs = requests / forMs
  const { refused } = traffic
  return refused === null || perMs > 3 * refused || perMs < refused / 3
}

/** Returns the traffic including a counted round. */
export function withRound(before: Traffic, rises: ReadonlyMap<string, number>, forMs: number): Traffic {
  const all = new Map(before.rises)
  for (const [kind, rise] of rises) all.set(kind, (all.get(kind) ?? 0) + rise)
  return { ...before, rises: all, overMs: before.overMs + forMs, latest: requestsOf(rises) / forMs, refused: null }
}

/** Returns the number of requests, including those that never reached a pod. */
export function requestsOf(rises: ReadonlyMap<string, number>): number {
  return (rises.get('requests') ?? 0) + (rises.get('unreached') ?? 0)
}

function requestsPerMs({ rises, overMs, latest, before }: Traffic): number {
  if (overMs === 0) return before ?? Number.POSITIVE_INFINITY
  return Math.max(requestsOf(rises) / overMs, latest)
}

function ownPerMs({ rises, overMs }: Traffic, kind: string): number {
  return overMs === 0 ? 0 : (rises.get(kind) ?? 0) / overMs
}
