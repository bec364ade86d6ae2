import { describeEnded } from '../rollout/describe.js'
import { isLive, isTerminal } from '../rollout/state.js'
import type { Status } from '../rollout/status.js'
import { keptAlive } from '../runtime/keep-alive.js'
import type { Beginning } from './beginning.js'
import type { Controller } from './controller-contract.js'
import type { ControllerParts } from './controller-parts.js'
import type { EndWatch } from './end-watch.js'
import { createEvaluation } from './evaluation.js'
import type { HeldRollout } from './held-rollout.js'
import type { Lifetime } from './lifetime.js'
import type { PastKeeping } from './past-keeping.js'
import { closedError } from './perform.js'
import type { PointKeeping } from './point-keeping.js'
import type { Rounds } from './rounds.js'
import { tellLeftBehind } from './settling.js'
import type { StartNotices } from './start-notices.js'
import type { UntilTerminal } from './until-terminal.js'
import { refuseVerb, resolveVerb } from './verbs.js'

/** How long the first round waits for the lease, in milliseconds: a lease that is not renewed has then run out. */
const LEASE_GONE_MS = 12_000

/** How long `close()` waits for pending tasks, in milliseconds. */
const FLUSH_MS = 2_000

/** The methods that start, run and close a controller. */
export type Lifecycle = Pick<Controller, 'start' | 'run' | 'evaluate' | 'close'>

/** The options of {@link createLifecycle}. */
export interface LifecycleOptions {
  readonly parts: ControllerParts
  readonly held: HeldRollout
  readonly lifetime: Lifetime
  readonly beginning: Beginning
  readonly rounds: Rounds
  readonly endWatch: EndWatch
  readonly pasts: Pick<PastKeeping, 'arm' | 'stop'>
  readonly points: Pick<PointKeeping, 'arm' | 'afterRound' | 'stop'>
  readonly terminal: UntilTerminal
  readonly notices: Pick<StartNotices, 'tell'>
  readonly status: () => Status
  /** Resolves once the target has applied the decided weight; rejects `TARGET_FAILED`. */
  readonly settle: (signal?: AbortSignal) => Promise<void>
}

/** Creates the lifecycle of a controller that has not been started. */
export function createLifecycle(options: LifecycleOptions): Lifecycle {
  const { parts, held, lifetime, beginning, rounds, pasts, points, terminal, status, settle, notices } = options
  const { rollout, events } = parts
  const { dispatcher, state } = held
  const { course, clock, settleTimeoutMs } = rollout
  let starting: Promise<void> | undefined
  let waited: Promise<void> | undefined
  let closing: Promise<void> | undefined
  /**
   * A process that makes one round cannot see that the lease of a killed one is no longer renewed unless it waits. One
   * that was started goes on asking, so its rounds do not wait.
   */
  const join = async (): Promise<void> => {
    await held.replica?.start()
    if (starting === undefined) await (waited ??= held.untilJudge(LEASE_GONE_MS))
  }
  const evaluation = createEvaluation({
    ...{ rollout, dispatcher, beginning, settle },
    join,
    ...{ round: rounds.round, settled: lifetime.settled, isInForce: held.isInForce },
  })

  const start: Lifecycle['start'] = async (given = {}) => {
    const { expectedStep } = resolveVerb('start', given, course.steps.length)
    if (lifetime.isClosed) throw closedError('start')
    starting ??= lifetime.tracked(beginning.start(given))
    await starting.catch((error: unknown) => {
      starting = undefined
      throw error
    })
    rounds.arm()
    pasts.arm()
    points.arm()
    notices.tell(isLive(state()) ? parts.slowPlan?.() : undefined)
    refuseVerb('start', state(), expectedStep)
    const ended = describeEnded(dispatcher.current)
    if (ended !== undefined) events.alert('not-started', ended)
    return status()
  }

  return {
    start: (given) => keptAlive(clock, () => start(given)),
    run: ({ signal } = {}) =>
      keptAlive(clock, async () => {
        await start()
        await terminal.until(signal)
        if (isTerminal(state())) {
          await settle(signal) // `run` ends only when the final weight is in force
          if (!signal?.aborted) await lifetime.settled(settleTimeoutMs) // and is stored, if the store answers
        }
        return status()
      }),
    async evaluate() {
      if (lifetime.isClosed) throw closedError('evaluate')
      await keptAlive(clock, () => evaluation().then(points.afterRound))
      return status()
    },
    close: () => (closing ??= keptAlive(clock, () => finish(options))),
  }
}

async function finish({
  parts,
  held,
  lifetime,
  rounds,
  pasts,
  points,
  endWatch,
  terminal,
}: LifecycleOptions): Promise<void> {
  const { target, events, alerts, loopMeter } = parts
  const { dispatcher, output, couriers, gatekeeper } = held
  lifetime.close()
  rounds.stop()
  pasts.stop()
  points.stop()
  loopMeter?.setOn(false)
  terminal.tell()
  lifetime.track(couriers.settled(FLUSH_MS))
  lifetime.track(held.replica?.stop())
  await lifetime.settled(FLUSH_MS)
  if (target) await tellLeftBehind(dispatcher.current, { output, events, couriers })
  alerts.close()
  lifetime.cut()
  gatekeeper.withdraw()
  endWatch.close()
  output.close()
  dispatcher.close()
}
