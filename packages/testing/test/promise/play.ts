import type { ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  type Canary,
  type CanaryOptions,
  createCanary,
  evidenceJudge,
  linearPlan,
  randomStrategy,
  type Strategy,
  stickyStrategy,
} from '@model-canary/core'
import { type ManualClock, manualClock, seededRandom } from '@model-canary/testing'
import { type Behaviour, behaviourOf } from './behaviours.js'
import type { Cell, Split } from './cells.js'
import { type Client, http1Client, http2Client, type Reply, type Sent } from './client.js'
import { createModels, type PlayedModels, until } from './models.js'
import { callOf, type MountService, type Output, type ServiceParts } from './service.js'

/** How a rollout went. */
export interface Played {
  readonly state: string
  readonly reason: string | null
  /** From the start of the rollout to its end, in milliseconds. */
  readonly elapsedMs: number
  /** The alerts and holds on the way. */
  readonly alerts: readonly string[]
  /** The calls that were sent, and those that the canary says it has begun. */
  readonly sent: number
  readonly counted: number
  /** Answers that differ from what the model gave. */
  readonly wrong: readonly string[]
  /** Errors of the canary's own. */
  readonly internalErrors: readonly string[]
  /** Calls in flight after everybody has left. */
  readonly inFlight: number
}

/** Sends calls to a service, or calls it. */
export interface Reached {
  send(call: number, key: string | undefined): Sent
  /** Returns whether the service is done with every one of these calls. */
  isDoneWith(calls: readonly number[]): boolean
  close(): Promise<void>
}

/** Makes a service that can be asked. */
export type Reach = (parts: ServiceParts) => Promise<Reached>

const REQUESTS_PER_SECOND = 30
const BEFORE_S = 400
const HORIZON_S = 900

/**
 * The time limit of the service. Answers take 100 to 300 ms, so that a call is overdue after three seconds: a limit and
 * clients that leave come before that, and have to be seen by themselves.
 */
const LIMIT_MS = 1_500

/** The salt puts 2, 4 and 6 of the 8 keys below 20, 50 and 70 %. */
const SALT = 'promise-16'

const keysOf: Readonly<Record<Split, number>> = {
  random: 0,
  'random, with keys': 3_000,
  'sticky, 3000 keys': 3_000,
  'sticky, 8 keys': 8,
  'a strategy of its own': 3_000,
}

function strategyOf(split: Split, random: () => number): Strategy | Promise<Strategy> {
  if (split.startsWith('random')) return randomStrategy({ random })
  if (split.startsWith('sticky')) return stickyStrategy({ salt: SALT })
  return { name: 'own', unit: 'request', pick: (_, weight) => (100 * random() < weight ? 'canary' : 'baseline') }
}

const optionsOf = (behaviour: Behaviour): Partial<CanaryOptions> => ({
  plan: linearPlan([50, 100], { minDurationMs: 20_000, minRequests: 50 }),
  warmUp: { weight: 20, durationMs: 20_000 },
  bake: { durationMs: 20_000, holdbackPercent: 30 },
  judge: evidenceJudge({ graceMs: 30_000, minStepMs: 20_000 }),
  intervalMs: 5_000,
  ...(behaviour.guardrails && { guardrails: behaviour.guardrails }),
})

/** Plays one cell: real connections, virtual time. */
export async function play(cell: Cell, reach: Reach): Promise<Played> {
  const behaviour = behaviourOf(cell.behaviour)
  const clock = manualClock()
  const random = seededRandom(1)
  const canary = createCanary({
    ...optionsOf(behaviour),
    name: 'promise',
    versions: { baseline: 'v1', canary: 'v2' },
    strategy: strategyOf(cell.split, seededRandom(2)),
    logger: false,
    clock,
  })
  const keys = keysOf[cell.split]
  const keyOf = (): string | undefined => (keys === 0 ? undefined : `user-${Math.floor(random() * keys)}`)
  await liveBefore(canary, clock, keyOf, random)

  const alerts: string[] = []
  const internalErrors: string[] = []
  canary.on('alert', ({ about, message }) => void alerts.push(`${about}: ${message}`))
  canary.on('internal-error', ({ error }) => void internalErrors.push(String(error)))
  await canary.start()
  const begunBefore = begunIn(canary)
  const startedAt = clock.elapsed()

  const models = createModels(clock, { ...behaviour, form: cell.form, share: cell.share, seed: 3 })
  const service = await reach({
    canary,
    models: { baseline: models.baseline, canary: models.canary },
    serving: servingOf(cell),
    form: cell.form,
    limit: behaviour.limit,
    afterLimit: (run) => void clock.schedule(LIMIT_MS, run),
  })
  const traffic = createTraffic({ behaviour, clock, models, service })
  try {
    while (isLive(canary) && clock.elapsed() - startedAt < HORIZON_S * 1_000) {
      await traffic.second(keyOf)
    }
    const elapsedMs = clock.elapsed() - startedAt
    await traffic.leave()
    const { state, reason } = canary.status()
    return {
      state,
      reason,
      elapsedMs,
      alerts,
      sent: traffic.sent,
      counted: begunIn(canary) - begunBefore,
      wrong: traffic.wrong,
      internalErrors,
      inFlight: canary.metrics().v1.inFlight + canary.metrics().v2.inFlight,
    }
  } finally {
    await canary.close()
    await service.close()
  }
}

const isLive = (canary: Canary): boolean => !['promoted', 'rolled-back'].includes(canary.status().state)

const begunIn = (canary: Canary): number => {
  const { baseline, canary: candidate } = canary.counts()
  return [baseline, candidate].reduce((sum, { begun, leftOut = 0 }) => sum + begun + leftOut, 0)
}

/** What an answer of a value says of its model. */
function servingOf({ form, behaviour }: Cell): ServiceParts['serving'] {
  const { guardrails } = behaviourOf(behaviour)
  if (form !== 'value' || guardrails === undefined) return {}
  const read = (output: Output): { label: string; score: number } => JSON.parse(String(output))
  return { predictionOf: (output) => read(output).label, scoreOf: (output) => read(output).score }
}

/** Time before the rollout, in which only the baseline serves. */
async function liveBefore(canary: Canary, clock: ManualClock, keyOf: () => string | undefined, random: () => number) {
  const PER_SECOND = 10
  for (let second = 0; second < BEFORE_S; second += 1) {
    const flights = Array.from({ length: PER_SECOND }, () => canary.begin({ key: keyOf() }))
    await clock.advance(100)
    for (const flight of flights) {
      await clock.advance(20)
      flight.end({
        outcome: random() < 0.01 ? 'error' : 'success',
        prediction: random() < 0.6 ? 'positive' : 'negative',
        score: 0.5 + 0.5 * random(),
      })
    }
    await clock.advance(1_000 - (clock.elapsed() % 1_000))
  }
}

interface TrafficParts {
  readonly behaviour: Behaviour
  readonly clock: ManualClock
  readonly models: PlayedModels
  readonly service: Reached
}

interface PendingCall extends Sent {
  readonly call: number
  readonly sentAt: number
}

/** The clients of one rollout. */
function createTraffic({ behaviour, clock, models, service }: TrafficParts) {
  const pending = new Map<number, PendingCall>()
  const wrong: string[] = []
  let sent = 0

  const isDue = ({ call, sentAt }: PendingCall): boolean => {
    if (!models.hung.has(call)) return true
    const ageMs = clock.elapsed() - sentAt
    return behaviour.limit !== undefined && ageMs > LIMIT_MS
  }

  const settled = ({ call }: PendingCall, reply: Reply): void => {
    pending.delete(call)
    const given = models.given.get(call)
    if (given === undefined && models.hung.has(call)) return // its client left, or a limit of the service answered
    if (typeof given === 'number' ? isFailure(reply) : reply?.status === 200 && reply.text === given) return
    if (behaviour.limit === 'framework' && reply?.status === 503) return // of real time, on a busy machine
    wrong.push(`call ${call}: ${JSON.stringify(reply)} for ${given}`)
  }

  const send = (key: string | undefined): number => {
    sent += 1
    models.draw(sent)
    const call: PendingCall = { call: sent, sentAt: clock.elapsed(), ...service.send(sent, key) }
    pending.set(sent, call)
    call.reply.then((reply) => settled(call, reply))
    const { leavesAfterMs } = behaviour
    if (leavesAfterMs !== undefined) clock.schedule(leavesAfterMs, () => pending.has(call.call) && call.leave())
    return sent
  }

  const leave = async (calls: readonly PendingCall[]): Promise<void> => {
    for (const call of calls) call.leave()
    const numbers = calls.map(({ call }) => call)
    await until('the service is done with those that left', () => service.isDoneWith(numbers))
  }

  return {
    wrong,
    get sent() {
      return sent
    },
    async second(keyOf: () => string | undefined): Promise<void> {
      const calls = Array.from({ length: behaviour.requestsPerSecond ?? REQUESTS_PER_SECOND }, () => send(keyOf()))
      await until('all calls reach a model', () =>
        calls.every((call) => models.entered.has(call) || !pending.has(call)),
      )
      await clock.advance(1_000)
      await until('all due calls are answered', () => ![...pending.values()].some(isDue))
      if (behaviour.leavesAfterMs !== undefined) {
        const gone = [...pending.values()].filter(({ sentAt }) => clock.elapsed() - sentAt >= behaviour.leavesAfterMs!)
        await leave(gone)
      }
    },
    async leave(): Promise<void> {
      await leave([...pending.values()])
      await clock.advance(1_000)
    },
  }
}

/** Some frameworks end a stream of HTTP/2 that breaks off as if it were complete. */
const isFailure = (reply: Reply): boolean => reply === null || reply.status >= 400 || /^\d+\.0;$/.test(reply.text)

/** Reaches a service over connections, of HTTP/2 if `isHttp2`. */
export const overHttp =
  (mount: MountService, isHttp2: boolean): Reach =>
  async (parts) => {
    const { server, close } = await mount(parts)
    const open = new Set<number>()
    server.on('request', (request: { headers: Record<string, string> }, response: ServerResponse) => {
      const call = callOf(request.headers)
      open.add(call)
      response.on('close', () => open.delete(call))
    })
    if (!server.listening) await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const client: Client = isHttp2 ? http2Client(port) : http1Client(port)
    return {
      send: client.send,
      isDoneWith: (calls) => !calls.some((call) => open.has(call)),
      async close() {
        client.close()
        if (close) await close()
        else await new Promise((resolve) => server.close(resolve))
      },
    }
  }
