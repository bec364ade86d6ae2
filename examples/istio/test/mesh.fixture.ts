import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { FakeKubeApi } from '@model-canary/testing'

const VIRTUAL_SERVICE = '/apis/networking.istio.io/v1/namespaces/models/virtualservices/sentiment'

/** How the sidecars count: upper limits of their buckets, in milliseconds. */
const EDGES_MS = [5, 10, 25, 50, 100, 250, 500, 1_000]

/** One version's pods, as their sidecars see them. */
interface Workload {
  ok: number
  failed: number
  readonly buckets: number[]
  sumMs: number
}

/**
 * What stands in for the data plane: sends requests by the weights of the VirtualService, and counts as sidecars do.
 */
export interface Mesh {
  /** Where it is scraped. */
  readonly address: string
  readonly weights: () => readonly number[]
  close(): void
}

/** Starts a mesh with some two hundred requests a second, of which the canary fails this share. */
export async function startMesh(api: FakeKubeApi, canaryFails: number): Promise<Mesh> {
  const workloads = new Map<string, Workload>(['v1', 'v2'].map((version) => [version, none()]))
  let calls = 0

  const weights = (): readonly number[] => {
    const { spec } = api.peek(VIRTUAL_SERVICE) as { spec?: { http: { route: { weight: number }[] }[] } } & object
    return spec?.http[0]?.route.map(({ weight }) => weight) ?? []
  }
  const request = (): void => {
    calls += 1
    const isCanary = (calls * 37) % 100 < (weights()[1] ?? 0) // 37 and 100 have no common divisor: exact shares
    const workload = workloads.get(isCanary ? 'v2' : 'v1')!
    const ms = 4 + (calls % 9)
    if (isCanary && (calls * 7_919) % 1_000 < canaryFails * 1_000) workload.failed += 1
    else workload.ok += 1
    workload.sumMs += ms
    EDGES_MS.forEach((edge, at) => {
      if (ms <= edge) workload.buckets[at]! += 1
    })
  }
  const traffic = setInterval(() => {
    for (let each = 0; each < 4; each += 1) request()
  }, 20)

  const server = createServer((_, response) => response.end([...workloads].map(expose).join('')))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    weights,
    close() {
      clearInterval(traffic)
      server.close()
      server.closeAllConnections()
    },
  }
}

const none = (): Workload => ({ ok: 0, failed: 0, buckets: EDGES_MS.map(() => 0), sumMs: 0 })

function expose([version, { ok, failed, buckets, sumMs }]: [string, Workload]): string {
  const labels = `reporter="destination",destination_service_name="sentiment",destination_service_namespace="models",destination_version="${version}"`
  const name = 'istio_request_duration_milliseconds'
  return [
    `istio_requests_total{${labels},response_code="200"} ${ok}`,
    `istio_requests_total{${labels},response_code="500"} ${failed}`,
    ...EDGES_MS.map((edge, at) => `${name}_bucket{${labels},response_code="200",le="${edge}"} ${buckets[at]}`),
    `${name}_bucket{${labels},response_code="200",le="+Inf"} ${ok + failed}`,
    `${name}_sum{${labels},response_code="200"} ${sumMs}`,
    `${name}_count{${labels},response_code="200"} ${ok + failed}\n`,
  ].join('\n')
}
