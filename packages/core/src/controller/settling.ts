import { CanaryError } from '../foundation/errors.js'
import { shareOf } from '../rollout/state.js'
import type { Status } from '../rollout/status.js'
import type { StoredRollout } from '../rollout/store.js'
import type { Clock } from '../runtime/clock.js'
import { withDeadline } from '../runtime/deadline.js'
import type { Events } from '../runtime/events.js'
import type { Couriers } from './couriers.js'
import type { SplitOutput } from './split-output.js'

/** What `run()`, `evaluate()` and `rollback()` reject with where the target did not take the final weight: `TARGET_FAILED`. */
export interface UnsettledError extends CanaryError {
  /** The weight in force is not the decided one. */
  readonly code: 'TARGET_FAILED'
  /** Where the rollout stands; `status.inForce` says which weight is in force. */
  readonly status: Status
}

/** What waiting for the target needs. */
export interface SettlingOptions {
  readonly output: SplitOutput
  readonly clock: Clock
  /** How long the target may take, in milliseconds. */
  readonly limitMs: number
  readonly status: () => Status
}

/**
 * Makes a function that resolves once the target has taken the decided weight, or when the signal is aborted.
 * It rejects with an {@link UnsettledError} when the time is up, or when the controller is closed before.
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

/** How long an alert about what is left behind may take to be delivered, or stored, in milliseconds. */
const LAST_WORD_MS = 500

/** Says which weight a controller leaves behind, unless it is the one that was decided. Resolves once that is delivered or stored, if that goes fast. */
export async function tellLeftBehind(
  { state }: StoredRollout,
  told: {
    readonly output: SplitOutput
    readonly events: Pick<Events, 'alert'>
    readonly couriers: Pick<Couriers, 'settled'>
  },
): Promise<void> {
  if (state.state === 'idle' || told.output.inForce?.weight === shareOf(state)) return
  told.events.alert('target', `closed: ${describeLeft(shareOf(state), told.output)}`)
  await told.couriers.settled(LAST_WORD_MS)
}

function describeLeft(decided: number, { inForce, refusal }: SplitOutput): string {
  const found = inForce === null ? 'it is not known what is in force' : `${inForce.weight} % is in force`
  return `the target has not taken ${decided} %${refusal === null ? '' : ` (${refusal})`}, ${found}`
}
