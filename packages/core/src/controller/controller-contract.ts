import type { Calibration } from '../judging/judge.js'
import type { Status } from '../rollout/status.js'
import type { Listener } from '../runtime/emitter.js'
import type { CanaryEvents } from '../runtime/events.js'
import type { Courier } from './couriers.js'
import type { VerbOptions, Verbs } from './verbs.js'

/** A rollout under way, or one that can be started. */
export interface Controller extends Verbs {
  /** Takes up the stored rollout or begins a new one, and arms the timer. Does not keep the process alive. Idempotent. */
  start(options?: VerbOptions): Promise<Status>
  /**
   * Starts, keeps the process alive, and resolves with the terminal status once the target has taken the final weight, or with the
   * present one when aborted. Rejects `TARGET_FAILED` with the status (`UnsettledError`) where the target has not within `settleTimeoutMs`.
   */
  run(options?: { readonly signal?: AbortSignal }): Promise<Status>
  /**
   * Makes one round (load, read, decide, persist, apply): for a cron job, at any interval. The time since the round of another process counts, but for
   * more than twice the longer of `intervalMs` and the time between the two rounds before. Keeps the process alive, and rejects `TARGET_FAILED` as `run()` does.
   */
  evaluate(): Promise<Status>
  /** Returns where the rollout stands now. */
  status(): Status
  /** Says a status in sentences, by default the present one. */
  explain(status?: Status): string
  /** Calls the listener with every event of a type. The returned function ends that. */
  on<Name extends keyof CanaryEvents>(name: Name, listener: Listener<CanaryEvents[Name]>): () => void
  /**
   * Hands what is to be told of this rollout to a courier, and first what a process before this one could not deliver.
   * A webhook does this in `attach`. The returned function ends it.
   */
  deliverTo(courier: Courier): () => void
  /** Stops the timers and waits at most 2 s for what is under way, messages as well; an alert says which weight it left, where that is not the decided one. Idempotent. */
  close(): Promise<void>
}

/** A controller with the handles that only its owner has. */
export interface AssembledController extends Controller {
  /** Rolls back at once, here and now, whatever the samples. */
  trip(reason: string, epoch: number): void
  /** Warms this process's canary, again if something came to be warmed. */
  warm(): Promise<void>
  isBaking(): boolean
  /** What was frozen when the rollout began. */
  calibration(): Calibration
}
