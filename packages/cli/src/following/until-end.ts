import { pause } from '@model-canary/foundation'
import type { RolloutClient, SeenStatus } from '../connection/rollout-client.js'
import { EXIT } from '../exit-codes.js'
import { type Failure, failure } from '../failure.js'
import type { World } from '../world.js'
import { type FollowListener, follow } from './follow.js'
import { type Awaited, BEGINNING, HOLD_MS, takeStatus, type WaitEnd } from './outcome.js'

/** The options of {@link untilEnd}. */
export interface UntilEndOptions {
  readonly client: RolloutClient
  readonly world: World
  readonly awaited: Awaited
  /** When to give up, in milliseconds; never if left out. */
  readonly timeoutMs: number | undefined
  readonly patienceMs: number
  readonly on: FollowListener
}

/** How a rollout ended, with the latest status that was seen. */
export interface Ended extends WaitEnd {
  readonly seen: SeenStatus | undefined
}

/** Follows a rollout to its end, or to the end of the patience. Rejects with the failure that came before. */
export async function untilEnd({ client, world, awaited, timeoutMs, patienceMs, on }: UntilEndOptions): Promise<Ended> {
  const { clock, interrupted } = world
  const own = new AbortController()
  const stop = (): void => own.abort()
  let state = BEGINNING
  let seen: SeenStatus | undefined
  let end: WaitEnd | undefined
  const finish = (found: WaitEnd | undefined): void => {
    end ??= found
    if (end !== undefined) stop()
  }
  const take = (latest: SeenStatus): void => {
    if (end !== undefined) return
    seen = latest
    const [next, found] = takeStatus(latest.view, state, awaited, clock.elapsed())
    state = next
    finish(found)
  }

  interrupted.addEventListener('abort', stop, { once: true })
  if (interrupted.aborted) stop()
  if (timeoutMs !== undefined) {
    const late = { code: EXIT.timeout, why: 'the time is up' } as const
    void pause(clock, timeoutMs, own.signal, { keepAlive: true }).then(() => finish(late))
  }
  /** A hold ends the wait although nothing changes any more. */
  const lookAgain = async (): Promise<void> => {
    while (awaited.failOnHold && !own.signal.aborted) {
      await pause(clock, HOLD_MS / 10, own.signal, { keepAlive: true })
      if (seen !== undefined && !own.signal.aborted) take(seen)
    }
  }
  const holds = lookAgain()
  const listener: FollowListener = {
    ...on,
    status(latest) {
      take(latest)
      on.status(latest)
    },
  }
  const failed: Failure | undefined = await follow({ client, world, patienceMs, signal: own.signal, on: listener })
  stop()
  await holds
  interrupted.removeEventListener('abort', stop)
  if (end !== undefined) return { ...end, seen }
  if (interrupted.aborted) throw failure(EXIT.interrupted, 'INTERRUPTED', 'interrupted')
  throw failed ?? failure(EXIT.internal, 'INTERNAL', 'the wait ended without a reason')
}
