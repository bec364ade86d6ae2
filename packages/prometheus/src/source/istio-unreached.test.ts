import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { errorRate, linearPlan, thresholdJudge } from '@model-canary/core'
import { type Controller, createController } from '@model-canary/core/controller'
import { manualClock } from '@model-canary/testing'
import { expect, it, onTestFinished } from 'vitest'
import { istioQueries } from './istio-queries.js'
import { prometheusSource } from './prometheus-source.js'

type Labels = Readonly<Record<string, string>>
interface Count {
  readonly labels: Labels
  /** Requests a second. */
  readonly rate: number
}

const versions = { baseline: 'v1', canary: 'v2' }
const counted = (reporter: string, version: string, code: string, flags: string, rate: number): Count => ({
  labels: {
    ...{ __name__: 'istio_requests_total', reporter, destination_service_name: 'sentiment' },
    ...{ destination_version: version, response_code: code, response_flags: flags },
  },
  rate,
})
/** The counts of both reporters for a version that answers. */
const healthy = (version: string, rate: number): readonly Count[] => [
  counted('destination', version, '200', '-', rate),
  counted('source', version, '200', '-', rate),
]

/** A fake Prometheus with a scrape every 15 s from time 0, which applies the matchers of a selector. */
async function scraped(counts: readonly Count[]): Promise<string> {
  const server = createServer(async (request, response) => {
    const form = new URLSearchParams(await text(request))
    const end = Number(form.get('time'))
    const [, name, inner = '', rangeMs] = /^(\w+)\{(.*)\}\[(\d+)ms\]$/.exec(form.get('query') ?? '') ?? []
    const matchers = [...inner.matchAll(/(\w+)(=~|!=|=)"((?:[^"\\]|\\.)*)"/g)]
    const isMatched = (labels: Labels) =>
      labels.__name__ === name &&
      matchers.every(([, label, operator, value]) => {
        const own = labels[label!] ?? ''
        if (operator === '=~') return new RegExp(`^(?:${value!.replaceAll('\\\\', '\\')})$`).test(own)
        return operator === '=' ? own === value : own !== value
      })
    const times = Array.from({ length: 10_000 }, (_, at) => at * 15).filter(
      (at) => at <= end && at >= end - Number(rangeMs) / 1_000,
    )
    const result = counts
      .filter(({ labels }) => isMatched(labels))
      .map(({ labels, rate }) => ({ metric: labels, values: times.map((at) => [at, String(Math.round(at * rate))]) }))
    response.end(JSON.stringify({ status: 'success', data: { resultType: 'matrix', result } }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** A rollout behind sidecars with these counts. */
async function rollout(counts: readonly Count[]) {
  const clock = manualClock({ startMs: 600_000 })
  const source = prometheusSource({
    url: await scraped(counts),
    queries: istioQueries({ service: 'sentiment', versions }),
    clock,
  })
  const controller = createController({
    ...{ name: 'sentiment', versions, source, clock, target: { apply: async () => {} } },
    plan: linearPlan([10, 100], { minDurationMs: 60_000, minRequests: 50 }),
    warmUp: { durationMs: 0 },
    guardrails: [errorRate({ margin: 0.02 })],
    judge: thresholdJudge({ minSamples: 50 }),
  })
  await controller.start()
  onTestFinished(async () => {
    const closing = controller.close()
    await clock.advance(3_000)
    await closing
  })
  return { controller, source, clock }
}

async function inTime({ clock, controller }: Awaited<ReturnType<typeof rollout>>, isSo: (of: Controller) => boolean) {
  for (let look = 0; look < 200 && !isSo(controller); look += 1) {
    await clock.advance(5_000)
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve))
  }
}

it.each([
  ['no ready pod', counted('source', 'unknown', '503', 'UH', 5)],
  ['pods that take no connection', counted('source', 'v2', '503', 'UF,URX', 5)],
  ['retries that are used up', counted('source', 'v2', '503', 'URX', 5)],
  ['no route', counted('source', 'v2', '404', 'NR', 5)],
  ['no route, and a call by gRPC', counted('source', 'v2', '200', 'NR', 5)],
])('a canary with %s has an error rate, and is rolled back', async (_name, failing) => {
  const staged = await rollout([...healthy('v1', 45), failing])
  await inTime(staged, (of) => of.status().state === 'rolled-back')
  expect(staged.controller.status()).toMatchObject({ state: 'rolled-back', weight: 0 })
  expect(staged.controller.explain()).toMatch(/error rate/)
})

it('counts the pods’ own answers once, although both sides report them', async () => {
  const answered = (side: string) => counted(side, 'v2', '503', '-', 1)
  const counts = [...healthy('v1', 45), ...healthy('v2', 5), answered('destination'), answered('source')]
  const { source, clock } = await rollout([...counts, counted('source', 'v2', '503', 'UF', 2)])
  const openedAt = clock.now()
  await clock.advance(61_000)
  const read = await source.read({ epoch: 9, step: 1, visit: 1, openedAt }, new AbortController().signal)
  expect(read).toMatchObject({
    baseline: { begun: 45 * 60, outcomes: { error: 0 } },
    canary: { begun: 8 * 60, outcomes: { success: 5 * 60, error: 3 * 60 } },
  })
})

/** Calls by gRPC, which count as answered for HTTP. */
const called = (version: string, status: string, rate: number): Count => {
  const { labels } = counted('destination', version, '200', '-', rate)
  return { labels: { ...labels, request_protocol: 'grpc', grpc_response_status: status }, rate }
}

it('a canary whose calls by gRPC fail is rolled back', async () => {
  const staged = await rollout([called('v1', '0', 45), called('v1', '13', 0.5), called('v2', '13', 5)])
  await inTime(staged, (of) => of.status().state === 'rolled-back')
  expect(staged.controller.status()).toMatchObject({ state: 'rolled-back', weight: 0 })
})

it('counts a call by gRPC once, by the side that failed', async () => {
  const canary = [called('v2', '0', 5), called('v2', '3', 1), called('v2', '1', 1), called('v2', '14', 2)]
  const { source, clock } = await rollout([...healthy('v1', 45), ...canary])
  const openedAt = clock.now()
  await clock.advance(61_000)
  const read = await source.read({ epoch: 9, step: 1, visit: 1, openedAt }, new AbortController().signal)
  expect(read).toMatchObject({
    canary: { begun: 9 * 60, outcomes: { success: 6 * 60, error: 2 * 60, aborted: 60 } },
  })
})

it('promotes a good canary when the baseline sometimes loses a connection', async () => {
  const staged = await rollout([...healthy('v1', 45), ...healthy('v2', 5), counted('source', 'v1', '503', 'UF', 0.1)])
  await inTime(staged, (of) => of.status().step === 2)
  expect(staged.controller.status()).toMatchObject({ state: 'baking', weight: 100 })
})
