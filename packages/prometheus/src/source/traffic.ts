/** How much an arm counts, so that what no traffic explains can be told. */
export interface Traffic {
  /** What was counted since the first moment by kind, in the rounds that were taken. */
  readonly rises: ReadonlyMap<string, number>
  readonly overMs: number
  /** The latest round that was taken: requests per millisecond. */
  readonly latest: number
  /** Requests of both arms per millisecond before counting began; `null` where they are not known. */
  readonly before: number | null
  /** What the requests rose by per millisecond in the round before, where that was left out. */
  readonly refused: number | null
}

/** An arm of which nothing is known. */
export const noTraffic: Traffic = { rises: new Map(), overMs: 0, latest: 0, before: null, refused: null }

/** How much a counter may count beyond its expectation, so that few requests are never too many. */
const SLACK = { scrape: 10, restart: 20, sum: 100, jump: 100 } as const

/** How many times the arm's own rate explains what is counted. */
const TIMES = { scrape: 1, restart: 3, sum: 3, jump: 20 } as const

/**
 * The most that a counter of an arm can have counted in a time.
 *
 * `scrape`: what all of the arm serves. `restart`: the same with room for a burst. `sum`: what an expression may rise
 * by. `jump`: what is refused beyond.
 * `Infinity` where nothing is known of the arm's traffic.
 */
export function explained(traffic: Traffic, kind: string, forMs: number, as: keyof typeof TIMES): number {
  const perMs = Math.max(requestsPerMs(traffic), ownPerMs(traffic, kind))
  return TIMES[as] * perMs * forMs + SLACK[as]
}

/** Whether requests have risen by more in a round than traffic explains. Twice the same is a traffic that has changed. */
export function isJump(traffic: Traffic, requests: number, forMs: number, as: 'sum' | 'jump'): boolean {
  if (!(requests > explained(traffic, 'requests', forMs, as))) return false
  const perMs = requests / forMs
  const { refused } = traffic
  return refused === null || perMs > 3 * refused || perMs < refused / 3
}

/** The traffic with a round that was taken. */
export function withRound(before: Traffic, rises: ReadonlyMap<string, number>, forMs: number): Traffic {
  const all = new Map(before.rises)
  for (const [kind, rise] of rises) all.set(kind, (all.get(kind) ?? 0) + rise)
  return { ...before, rises: all, overMs: before.overMs + forMs, latest: requestsOf(rises) / forMs, refused: null }
}

/** The requests among what was counted by kind, those that nobody served included. */
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
