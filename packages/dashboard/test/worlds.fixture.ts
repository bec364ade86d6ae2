import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Canary, type CanaryOptions, createCanary, linearPlan } from '@model-canary/core'
import type { NodeRequest, OperatedRollout } from '@model-canary/core/adapter'
import { createDashboard, type DashboardServerOptions } from '@model-canary/dashboard'
import { type ManualClock, manualClock, seededRandom } from '@model-canary/testing'

/** A rollout that was played on a manual clock, up to now. */
export interface World {
  readonly canary: Canary<'v1' | 'v2'>
  readonly clock: ManualClock
  readonly traffic: Traffic
  /** Lets time pass, with traffic. */
  play(seconds: number): Promise<void>
}

/** What the models do. */
export interface Traffic {
  perSecond: number
  /** The share of failures of each version. */
  errors: { baseline: number; canary: number }
  /** How much slower the canary is, in milliseconds. */
  slowerMs: number
  isSeen: boolean
}

const SECOND = 1_000

/** How long the past of a world is, in seconds. */
const PAST = 600

/**
 * Creates a rollout of v2 against v1 that classifies texts, with a past of ten minutes, that began `seconds` ago.
 * `traffic` changes when it begins.
 */
export async function world(
  seconds: number,
  { traffic: changed, ...options }: Partial<CanaryOptions<'v1' | 'v2'>> & { readonly traffic?: Partial<Traffic> } = {},
): Promise<World> {
  const clock = manualClock({ startMs: Date.now() - (PAST + seconds) * SECOND })
  const random = seededRandom(7)
  const canary = createCanary({
    name: 'sentiment',
    versions: { baseline: 'v1', canary: 'v2' },
    plan: linearPlan([10, 25, 50, 100], { minDurationMs: 120_000, minRequests: 200 }),
    warmUp: { durationMs: 20_000 },
    logger: false,
    clock,
    ...options,
  })
  const traffic: Traffic = { perSecond: 40, errors: { baseline: 0.01, canary: 0.01 }, slowerMs: 0, isSeen: true }

  const serve = (): void => {
    const { weight, enabled } = canary.status()
    for (let call = 0; call < traffic.perSecond && traffic.isSeen; call += 1) {
      const variant = enabled && random() * 100 < weight ? 'canary' : 'baseline'
      const isError = random() < traffic.errors[variant]
      const durationMs = 20 + 60 * random() ** 3 + (variant === 'canary' ? traffic.slowerMs : 0)
      const isPositive = random() < (variant === 'canary' ? 0.56 : 0.55)
      const prediction = random() < 0.1 ? 'neutral' : isPositive ? 'positive' : 'negative'
      if (isError) canary.record({ variant, durationMs, outcome: 'error' })
      else canary.record({ variant, durationMs, outcome: 'success', prediction, score: random() })
    }
  }
  const play = async (seconds: number): Promise<void> => {
    for (let second = 0; second < seconds; second += 1) {
      serve()
      await clock.advance(SECOND)
    }
  }
  await play(PAST)
  await canary.start()
  Object.assign(traffic, changed)
  await play(seconds)
  return { canary, clock, traffic, play }
}

/** A page that is served. */
export interface ServedPage {
  readonly url: string
  readonly server: Server
  close(): Promise<void>
}

/** Serves the page of rollouts on a plain server. */
export async function servePage(
  rollouts: OperatedRollout | readonly OperatedRollout[],
  options: DashboardServerOptions<NodeRequest> = {},
  port = 0,
): Promise<ServedPage> {
  const server = createServer(createDashboard(rollouts, options))
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const { port: given } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${given}/`, server, close: () => closed(server) }
}

/** Ends a server with its connections. */
export function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
