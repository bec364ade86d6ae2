import type { RequestListener } from 'node:http'
import { type Closer, listen } from './source.fixture.js'

/** Upper edges of its buckets, in seconds. */
const EDGES = [0.01, 0.1, 1]

/** An HTTP service that counts requests as its test says, and exports the counts. */
export interface CountingService {
  readonly address: string
  /** Sends requests over HTTP, one after another; each is counted with this duration. */
  send(count: number, result?: { readonly outcome?: string; readonly seconds?: number }): Promise<void>
  /** Counts from 0 again, as a new process would. */
  restart(): void
  /** Whether scrapes fail. */
  isHidden: boolean
  /** How often it has been scraped. */
  readonly scrapes: number
}

/** Starts a service of one version. */
export async function countingService(version: string, closers: Closer[]): Promise<CountingService> {
  let counts = new Map<string, number>()
  let durations: number[] = []
  let scrapes = 0
  let isHidden = false
  let startedAt = Date.now() / 1_000

  const exposition = () => {
    const label = `version="${version}"`
    const upTo = (edge: number) => durations.filter((seconds) => seconds <= edge).length
    return [
      ...[...counts].map(([outcome, count]) => `answers_total{${label},outcome="${outcome}"} ${count}`),
      ...EDGES.map((edge) => `answer_seconds_bucket{${label},le="${edge}"} ${upTo(edge)}`),
      `answer_seconds_bucket{${label},le="+Inf"} ${durations.length}`,
      `answer_seconds_sum{${label}} ${durations.reduce((sum, seconds) => sum + seconds, 0)}`,
      `answer_seconds_count{${label}} ${durations.length}`,
      `process_start_time_seconds ${startedAt}`,
      '',
    ].join('\n')
  }
  const listener: RequestListener = (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://service')
    if (pathname === '/metrics' && isHidden) {
      response.writeHead(503).end()
      return
    }
    if (pathname === '/metrics') {
      scrapes++
      response.setHeader('content-type', 'text/plain; version=0.0.4').end(exposition())
      return
    }
    const outcome = searchParams.get('outcome') ?? 'success'
    counts.set(outcome, (counts.get(outcome) ?? 0) + 1)
    if (outcome !== 'aborted') durations.push(Number(searchParams.get('seconds')))
    response.writeHead(outcome === 'success' ? 200 : 500).end()
  }
  const { address } = await listen(listener, closers)

  return {
    address,
    async send(count, { outcome = 'success', seconds = 0.05 } = {}) {
      for (let sent = 0; sent < count; sent++) {
        await (await fetch(`http://${address}/answer?outcome=${outcome}&seconds=${seconds}`)).text()
      }
    },
    restart() {
      counts = new Map()
      durations = []
      startedAt = Date.now() / 1_000
    },
    get isHidden() {
      return isHidden
    },
    set isHidden(is) {
      isHidden = is
    },
    get scrapes() {
      return scrapes
    },
  }
}

/** The queries for the counts of one version. */
export function countingQueries(version: string) {
  const series = (name: string, more = '') => `${name}{version="${version}"${more}}`
  return {
    requests: series('answers_total'),
    errors: series('answers_total', ',outcome="error"'),
    timeouts: series('answers_total', ',outcome="timeout"'),
    aborted: series('answers_total', ',outcome="aborted"'),
    durations: { buckets: series('answer_seconds_bucket'), sum: series('answer_seconds_sum') },
  }
}
