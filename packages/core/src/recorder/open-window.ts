import type { Writable } from '../foundation/writable.js'
import type { FlightEntry, OpenedWindow, Origin, RecorderWindow } from './recorder-contract.js'

/** The open window of the rollout, and which calls count as evidence in it. Time is always an argument. */
export interface OpenWindow {
  /** The epoch and the step; epoch 0 before the first rollout. */
  readonly current: OpenedWindow
  /** Whether a key counts at most once as a caller: keys are split, or there is no split yet. */
  readonly isByKey: boolean
  /** Returns whether this window is the open one. */
  is(window: RecorderWindow): boolean
  /** Replaces the open window by another one, which begins at `at`. */
  open(window: RecorderWindow, at: number): void
  /** Returns whether a call was split in the open window. */
  isOrigin(origin: Origin): boolean
  /** Returns whether a flight counts as evidence. If a step is visited again, flights of the first visit do not. */
  isEvidence(flight: Pick<FlightEntry, 'origin' | 'startedAt' | 'isLeftOut'>): boolean
  /** Returns whether a call began after the window opened; `false` if the start is unknown (NaN). */
  isSince(call: { readonly startedAt: number }): boolean
}

/** Creates the window before the first rollout, in which no call counts as evidence. */
export function createOpenWindow(): OpenWindow {
  let openedAt = Number.POSITIVE_INFINITY

  const isOrigin = ({ epoch, step, reason }: Origin): boolean =>
    reason === 'split' && epoch === opened.current.epoch && step === opened.current.step && epoch > 0

  const opened: Writable<OpenWindow> = {
    current: { epoch: 0, step: 0, visit: 0 },
    isByKey: true,
    is: ({ epoch, step, visit = 0 }) =>
      epoch === opened.current.epoch && step === opened.current.step && visit === opened.current.visit,
    open({ epoch, step, visit = 0, unit = 'key' }, at) {
      opened.current = { epoch, step, visit }
      opened.isByKey = unit === 'key'
      openedAt = epoch > 0 ? at : Number.POSITIVE_INFINITY
    },
    isOrigin,
    isEvidence: (flight) => isOrigin(flight.origin) && flight.startedAt >= openedAt && flight.isLeftOut !== true,
    isSince: (call) => call.startedAt >= openedAt,
  }
  return opened
}
