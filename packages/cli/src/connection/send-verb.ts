import { pause, pauseBeforeTry } from '@model-canary/foundation'
import { EXIT } from '../exit-codes.js'
import { failure } from '../failure.js'
import type { SeenStep } from '../parse/expected-step.js'
import type { World } from '../world.js'
import { isRecord, numberIn } from './records.js'
import { errorIn, refusalOf } from './refusals.js'
import type { RolloutClient, SeenStatus } from './rollout-client.js'
import { readStatus } from './status-view.js'
import type { NoAnswer, RouteAnswer } from './transport.js'

/** A verb that is to be carried out once. */
export interface VerbCall {
  readonly client: RolloutClient
  readonly verb: string
  /** The options of the verb. */
  readonly options: Readonly<Record<string, unknown>>
  /** Makes the verb one, however often it is sent. */
  readonly key: string
  /** How long all attempts together may take, in milliseconds. */
  readonly timeoutMs: number
  readonly world: World
}

/** What a verb has come to. */
export interface VerbDone extends SeenStatus {
  /** How many processes apply it. */
  readonly reached: number
  /** How many there are; `null` if that is not known. */
  readonly of: number | null
}

/** How long one attempt may take, in milliseconds. A service that is still busy with the first finds the same key. */
const ATTEMPT_MS = 20_000

const BACK_OFF = { firstMs: 250, longestMs: 4_000 } as const

/** What a proxy answers if it has lost the service. With a code of ours in the body, it is the service itself. */
const OF_PROXIES: ReadonlySet<number> = new Set([502, 503, 504])

/** Sends a verb until there is an answer: a lost answer may be that of a verb that was carried out. */
export async function sendVerb({ client, verb, options, key, timeoutMs, world }: VerbCall): Promise<VerbDone> {
  const { clock, interrupted } = world
  const endMs = clock.elapsed() + timeoutMs
  for (let failures = 0; ; failures += 1) {
    const limitMs = Math.max(1, Math.min(ATTEMPT_MS, endMs - clock.elapsed()))
    const headers = { 'idempotency-key': key }
    const answer = await client.ask({ method: 'POST', path: verb, headers, body: options, limitMs })
    if (answer.status === 200) return doneOf(answer.body, client.place)
    if (interrupted.aborted) throw interruptedWith(verb, key)
    const waitMs = pauseBeforeTry(BACK_OFF, failures, Math.random, 'retryAfterMs' in answer ? answer.retryAfterMs : 0)
    if (!isLost(answer) || clock.elapsed() + waitMs >= endMs) throw lastWord(answer, client.place, verb, key)
    await pause(clock, waitMs, interrupted, { keepAlive: true })
  }
}

/** Returns whether the same request can have another answer. */
function isLost(answer: RouteAnswer | NoAnswer): boolean {
  if (answer.status === null || answer.status === 429) return true
  return OF_PROXIES.has(answer.status) && errorIn(answer.body).code === undefined
}

function doneOf(body: unknown, place: string): VerbDone {
  const told = isRecord(body) ? body : {}
  const view = readStatus(body, place)
  return { body, view, reached: numberIn(told, 'reached') ?? 1, of: numberIn(told, 'of') ?? null }
}

const again = (key: string) => `it may have been carried out; --idempotency-key ${key} sends the same one again`

function lastWord(answer: RouteAnswer | NoAnswer, place: string, verb: string, key: string) {
  const refusal = refusalOf(answer, place)
  const isUnknown = answer.status === null || answer.status >= 500 // such as a store that has answered too late
  if (!isUnknown) return refusal
  const lost = isLost(answer) ? `no answer to ${verb}: ` : ''
  return failure(refusal.exit, refusal.code, `${refusal.message}; ${lost}${again(key)}`, refusal.body)
}

const interruptedWith = (verb: string, key: string) =>
  failure(EXIT.interrupted, 'INTERRUPTED', `interrupted before the answer to ${verb}; ${again(key)}`)

/** How often the status is read while a change spreads, in milliseconds. */
const SPREAD_MS = 500

/** Waits until all processes apply a verb. Returns how many do when they all do, or when the time is up. */
export async function untilReached(done: VerbDone, client: RolloutClient, timeoutMs: number, world: World) {
  const { clock, interrupted } = world
  const endMs = clock.elapsed() + timeoutMs
  let { reached, of } = done
  while (of !== null && reached < of && clock.elapsed() < endMs && !interrupted.aborted) {
    await pause(clock, SPREAD_MS, interrupted, { keepAlive: true })
    const seen = await client.status(ATTEMPT_MS).catch(() => undefined)
    if (seen?.view.members != null) ({ upToDate: reached, count: of } = seen.view.members)
  }
  return { reached, of }
}

/** Returns the step that the service is at, as a verb that gives more has to name it. */
export async function seenStep(client: RolloutClient, limitMs: number): Promise<SeenStep> {
  const { view } = await client.status(limitMs)
  return { step: view.step, epoch: view.epoch }
}
