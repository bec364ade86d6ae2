import { setImmediate as turn } from 'node:timers/promises'
import { errorRate, linearPlan, type Variant } from '@model-canary/core'
import { createController } from '@model-canary/core/controller'
import { manualClock, seededRandom } from '@model-canary/testing'
import { onTestFinished, vi } from 'vitest'
import { type ArmQueries, type PrometheusSourceOptions, prometheusSource } from '../src/index.js'

type Labels = Readonly<Record<string, string>>

/** A pod that counts its requests from its start. */
export interface Pod {
  readonly arm: Variant
  readonly name: string
  /** When in the interval it is scraped, in milliseconds. */
  readonly offsetMs: number
  ok: number
  error: number
  /** Further labels of its series. */
  labels: Labels
  isUp: boolean
  /** Whether it gets requests. */
  isReachable: boolean
  isScraped: boolean
}

/** Options of a world. */
export interface WorldOptions {
  readonly pods: readonly (Pick<Pod, 'arm'> & Partial<Pod>)[]
  readonly scrapeMs?: number
  readonly requestsPerSecond?: number
  readonly errors?: Readonly<Record<Variant, number>>
  /** Whether pods say when they started, and show no series before its first request. */
  readonly isLazy?: boolean
  readonly seed?: number
}

const TICK_MS = 1_000

/**
 * A service in virtual time: pods behind a split, and a Prometheus that scrapes each of them at its own second.
 * `fetch` is replaced by one that answers from the samples.
 */
export function scrapedWorld({
  pods: wanted,
  scrapeMs = 15_000,
  requestsPerSecond = 50,
  errors = { baseline: 0.01, canary: 0.01 },
  isLazy = false,
  seed = 1,
}: WorldOptions) {
  const random = seededRandom(seed)
  const clock = manualClock()
  const samples = new Map<string, { readonly labels: Labels; readonly values: [number, number][] }>()
  const rates = { ...errors }
  const weights: { readonly at: number; readonly weight: number }[] = []
  const owed = { baseline: 0, canary: 0 }
  const asked: string[] = []
  const pods = wanted.map((pod, at) => podOf(pod, at))
  let simulatedTo = clock.now()
  const startedAt = clock.now()

  function podOf(pod: Pick<Pod, 'arm'> & Partial<Pod>, at: number): Pod {
    const offsetMs = Math.floor(random() * scrapeMs)
    return {
      name: `${pod.arm}-${at}`,
      offsetMs,
      ok: 0,
      error: 0,
      labels: {},
      isUp: true,
      isReachable: true,
      isScraped: true,
      ...pod,
    }
  }

  function sample(labels: Labels, at: number, value: number): void {
    const key = JSON.stringify(Object.entries(labels).sort())
    const known = samples.get(key)
    if (known === undefined) samples.set(key, { labels, values: [[at, value]] })
    else known.values.push([at, value])
  }

  function scrape(pod: Pod, at: number): void {
    const own = { __name__: 'http_requests_total', version: pod.arm, pod: pod.name, ...pod.labels }
    if (isLazy) sample({ __name__: 'process_start_time_seconds', pod: pod.name }, at, 1)
    if (!isLazy || pod.ok > 0) sample({ ...own, code: '200' }, at, pod.ok)
    if (!isLazy || pod.error > 0) sample({ ...own, code: '500' }, at, pod.error)
  }

  function serve(arm: Variant, share: number): void {
    const up = pods.filter((pod) => pod.arm === arm && pod.isUp && pod.isReachable)
    owed[arm] += (requestsPerSecond * share * TICK_MS) / 1_000
    for (; owed[arm] >= 1 && up.length > 0; owed[arm] -= 1) {
      const pod = up[Math.floor(random() * up.length)]!
      if (random() < rates[arm]) pod.error += 1
      else pod.ok += 1
    }
  }

  function tick(): void {
    const until = simulatedTo + TICK_MS
    for (const pod of pods) {
      const into = (simulatedTo - startedAt) % scrapeMs
      if (pod.isUp && pod.isScraped && pod.offsetMs >= into && pod.offsetMs < into + TICK_MS) {
        scrape(pod, simulatedTo - into + pod.offsetMs)
      }
    }
    const share = (weights.at(-1)?.weight ?? 0) / 100
    serve('baseline', 1 - share)
    serve('canary', share)
    simulatedTo = until
  }

  vi.stubGlobal('fetch', async (_: string, { body }: { readonly body: URLSearchParams }) => {
    const query = body.get('query') ?? ''
    asked.push(query)
    const end = Number(body.get('time')) * 1_000
    const [, name, inner = '', rangeMs] = /^\(?(\w+)\{(.*?)\}\n?\)?\[(\d+)ms(?::\d+ms)?\]$/s.exec(query) ?? []
    const matchers = [...inner.matchAll(/(\w+)(=~|!=|=)"([^"]*)"/g)]
    const isMatched = (labels: Labels) =>
      labels.__name__ === name &&
      matchers.every(([, label, operator, value]) => {
        const own = labels[label!] ?? ''
        if (operator === '=~') return new RegExp(`^(?:${value})$`).test(own)
        return operator === '=' ? own === value : own !== value
      })
    const result = [...samples.values()]
      .filter(({ labels }) => isMatched(labels))
      .map(({ labels, values }) => ({
        metric: labels,
        values: values
          .filter(([at]) => at > end - Number(rangeMs) && at <= end)
          .map(([at, value]) => [at / 1_000, String(value)]),
      }))
    const data = { resultType: 'matrix', result: result.filter(({ values }) => values.length > 0) }
    return new Response(JSON.stringify({ status: 'success', data }))
  })
  onTestFinished(() => void vi.unstubAllGlobals())

  const queriesOf = (arm: Variant): ArmQueries => ({
    requests: `http_requests_total{version="${arm}"}`,
    errors: `http_requests_total{version="${arm}",code="500"}`,
  })

  return {
    clock,
    pods,
    rates,
    weights,
    asked,
    sample,
    /** Starts a pod now. */
    add: (pod: Pick<Pod, 'arm'> & Partial<Pod>) => pods.push(podOf(pod, pods.length)),
    source: (options: Partial<PrometheusSourceOptions> = {}) =>
      prometheusSource({
        url: 'http://prometheus',
        queries: { baseline: queriesOf('baseline'), canary: queriesOf('canary') },
        clock,
        ...options,
      }),
    /** Advances time second by second, and calls `each` after every second. */
    async run(ms: number, each: () => boolean = () => false): Promise<void> {
      for (const end = simulatedTo + ms; simulatedTo < end; ) {
        tick()
        await clock.advance(TICK_MS)
        for (let turns = 0; turns < 8; turns++) await turn()
        if (each()) return
      }
    },
  }
}

/** A rollout in such a world, and its events. */
export async function rolloutIn(
  world: ReturnType<typeof scrapedWorld>,
  options: Partial<PrometheusSourceOptions> = {},
) {
  const controller = createController({
    name: 'x',
    source: world.source(options),
    target: {
      splitsTraffic: true,
      apply: async ({ weight }) => void world.weights.push({ at: world.clock.now(), weight }),
    },
    clock: world.clock,
    plan: linearPlan([10, 50, 100], { minDurationMs: 60_000, minRequests: 100 }),
    guardrails: [errorRate({ margin: 0.02 })],
  })
  const alerts: { readonly about: string; readonly message: string }[] = []
  controller.on('alert', (alert) => alerts.push(alert))
  onTestFinished(async () => {
    const closing = controller.close()
    await world.clock.advance(3_000)
    await closing
  })
  await controller.start()
  const hasEnded = () => ['promoted', 'rolled-back'].includes(controller.status().state)
  return { controller, alerts, hasEnded }
}
