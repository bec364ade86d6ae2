import { CanaryError } from '../foundation/errors.js'
import { describeInForce } from '../rollout/describe.js'
import { shareOf } from '../rollout/state.js'
import type { Status } from '../rollout/status.js'
import type { StoredRollout } from '../rollout/stored-rollout.js'
import type { Clock } from '../runtime/clock.js'
import { withDeadline } from '../runtime/deadline.js'
import type { Events } from '../runtime/events.js'
import type { Couriers } from './couriers.js'
import type { SplitOutput } from './split-output.js'

/**
 * The error `TARGET_FAILED`, with which `run()`, `evaluate()` and `rollback()` reject if the target has not applied the
 * final weight.
 */
export interface UnsettledError extends CanaryError {
  /** The weight in force is not the decided one. */
  readonly code: 'TARGET_FAILED'
  /** The status of the rollout; `status.inForce` is the weight in force. */
  readonly status: Status
}

/** The options of {@link createSettling}. */
export interface SettlingOptions {
  readonly output: SplitOutput
  readonly clock: Clock
  /** How long to wait for the target, in milliseconds. */
  readonly limitMs: number
  readonly status: () => Status
}

/**
 * Creates a function that resolves once the target has applied the decided weight, or when the signal is aborted.
 * It rejects with an {@link UnsettledError} when the time is up, or if the controller is closed before that.
 */
export function createSettling({ output, clock, limitMs, status }: SettlingOptions) {
  return async function settle(signal?: AbortSignal): Promise<void> {
    if (output.isUnderWay) await withDeadline(clock, limitMs, () => output.settled(), signal).catch(() => {})
    if (!output.isUnderWay || signal?.aborted) return
    const now = status()
    const detail = `${describeLeft(now.enabled ? now.weight : 0, output)}; it is tried again while the controller lives`
    throw Object.assign(new CanaryError('TARGET_FAILED', detail), { status: now }) as UnsettledError
  }
}

/** How long to wait until the alert about the remaining weight is delivered or stored, in milliseconds. */
const LAST_WORD_MS = 500

/**
 * Raises an alert if a controller that closes leaves another weight than the decided one at the target. Resolves once
 * the alert is delivered or stored, or its time is up.
 */
export async function tellLeftBehind(
  { state }: StoredRollout,
  told: {
    readonly output: SplitOutput
    readonly events: Pick<Events, 'alert'>
    readonly couriers: Pick<Couriers, 'settled'>
  },
): Promise<void> {
  const { inForce, isLeft } = told.output
  if (state.state === 'idle' || isLeft || inForce?.weight === shareOf(state)) return
  told.events.alert('target', `closed: ${describeLeft(shareOf(state), told.output)}`)
  await told.couriers.settled(LAST_WORD_MS)
}

function describeLeft(decided: number, { inForce, refusal }: SplitOutput): string {
  return `the target has not taken ${decided} %${refusal === null ? '' : ` (${refusal})`}, ${describeInForce(inForce)}`
}
