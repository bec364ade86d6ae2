import { pause, pauseBeforeTry } from '@model-canary/foundation'
import { errorIn, refusalOf } from '../connection/refusals.js'
import type { RolloutClient, SeenStatus } from '../connection/rollout-client.js'
import { readStatus } from '../connection/status-view.js'
import { EXIT } from '../exit-codes.js'
import { type Failure, isFailure } from '../failure.js'
import type { World } from '../world.js'
import { createEventParser, type StreamEvent } from './event-parser.js'

/** What happens at a service, as far as it is heard of. */
export interface FollowListener {
  /** The present status: at first, and after each change. */
  status(seen: SeenStatus): void
  /** A decision, an alert or a reset, as the stream has it. */
  event(event: StreamEvent): void
  /** Nothing is heard any more, for this reason. What was shown may be out of date. */
  trouble(reason: Failure): void
}

/** The options of {@link follow}. */
export interface FollowOptions {
  readonly client: RolloutClient
  readonly world: Pick<World, 'clock'>
  /** How long the service may be unreachable, in milliseconds. */
  readonly patienceMs: number
  /** Ends it. */
  readonly signal: AbortSignal
  readonly on: FollowListener
}

/** How long one answer may take, in milliseconds. */
const ANSWER_MS = 10_000

/** The time between two looks at a service without a stream, in milliseconds. */
const POLL_MS = 2_000

/** How long a stream may be silent: a heartbeat comes every 15 s. */
const SILENCE_MS = 25_000

/** How long the first event of a stream may take. A proxy that collects what it passes on is not waited for. */
const FIRST_EVENT_MS = 3_000

const BACK_OFF = { firstMs: 500, longestMs: 10_000 } as const

/**
 * Follows a rollout until the signal is aborted: by the stream of events, and by asking again and again where a stream
 * does not come through. Returns the failure that makes it pointless to go on.
 */
export async function follow({ client, world: { clock }, patienceMs, signal, on }: FollowOptions) {
  let heardAtMs = clock.elapsed()
  let failures = 0
  let lastEventId: string | undefined

  const heard = (seen: SeenStatus): void => {
    heardAtMs = clock.elapsed()
    failures = 0
    on.status(seen)
  }
  /** Returns the failure if it is no use to ask again. */
  const look = async (): Promise<Failure | undefined> => {
    try {
      heard(await client.status(ANSWER_MS))
      return undefined
    } catch (error) {
      if (!isFailure(error)) throw error
      if (signal.aborted) return undefined
      on.trouble(error)
      failures += 1
      return error.exit !== EXIT.unreachable || clock.elapsed() - heardAtMs >= patienceMs ? error : undefined
    }
  }
  const take = ({ id, event, data }: StreamEvent): void => {
    lastEventId = id ?? lastEventId
    if (event === 'status') heard({ body: data, view: readStatus(data, client.place) })
    else on.event({ id, event, data })
  }

  while (!signal.aborted) {
    const failed = await look()
    if (failed !== undefined) return failed
    if (signal.aborted) return undefined
    const waitMs =
      failures > 0
        ? pauseBeforeTry(BACK_OFF, failures - 1)
        : await listen({ client, clock, signal, lastEventId, take, look })
    if (isFailure(waitMs)) return waitMs
    await pause(clock, waitMs, signal, { keepAlive: true })
  }
  return undefined
}

/** What {@link listen} needs. */
interface Listening extends Pick<FollowOptions, 'client' | 'signal'>, Pick<World, 'clock'> {
  readonly lastEventId: string | undefined
  readonly take: (event: StreamEvent) => void
  readonly look: () => Promise<Failure | undefined>
}

/**
 * Reads a stream until it ends, and looks at the service meanwhile as long as nothing comes out of the stream. Returns
 * how long to wait before the next one, or the failure that makes it pointless. A stream can ask for a pause, within
 * those between two attempts.
 */
async function listen({ client, clock, signal, lastEventId, take, look }: Listening): Promise<number | Failure> {
  const own = new AbortController()
  const stop = (): void => own.abort()
  signal.addEventListener('abort', stop, { once: true })
  const parser = createEventParser((event) => {
    hasCome = true
    take(event)
  })
  let hasCome = false
  let failed: Failure | undefined
  const lookMeanwhile = async (): Promise<void> => {
    await pause(clock, FIRST_EVENT_MS, own.signal, { keepAlive: true })
    while (!hasCome && !own.signal.aborted) {
      failed = await look()
      if (failed !== undefined) return stop()
      await pause(clock, POLL_MS, own.signal, { keepAlive: true })
    }
  }
  const meanwhile = lookMeanwhile()
  const answer = await client.stream({
    path: 'events',
    headers: lastEventId === undefined ? {} : { 'last-event-id': lastEventId },
    silenceMs: SILENCE_MS,
    signal: own.signal,
    onChunk: parser.read,
  })
  stop()
  await meanwhile
  signal.removeEventListener('abort', stop)
  if (failed !== undefined) return failed
  if (answer.status === 401 || answer.status === 403) return refusalOf(answer, client.place)
  const isRefused = answer.status === 503 && errorIn('body' in answer ? answer.body : undefined).code !== undefined
  if (isRefused || parser.retryMs === undefined) return POLL_MS
  return Math.min(Math.max(parser.retryMs, BACK_OFF.firstMs), BACK_OFF.longestMs)
}
