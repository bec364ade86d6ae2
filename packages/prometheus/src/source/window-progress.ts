import type { ByVariant } from '@model-canary/core/controller'
import type { Counts } from '@model-canary/core/judge'
import { nothingRead } from './arm-progress.js'
import type { Births } from './births.js'
import type { Counted } from './count-rounds.js'

/** The state of reading one window. */
export interface WindowProgress extends Counted {
  /** Identifies the window. */
  readonly window: string
  /** The time up to which samples have been read, in milliseconds; `-Infinity` at the beginning. */
  readonly readTo: number
  /** The longest range of the next read, in milliseconds. */
  readonly chunkMs: number
  readonly births: ByVariant<Births>
  /** The counts of the last complete read; `null` before the first. */
  readonly counts: Counts | null
}

/** The longest range of one read, in milliseconds, so that days of samples do not come in one response. */
const CHUNK_MS = 3_600_000

/** Returns the progress of a window of which nothing has been read. */
export function beginning(window: string): WindowProgress {
  return {
    window,
    readTo: Number.NEGATIVE_INFINITY,
    chunkMs: CHUNK_MS,
    births: { baseline: new Map(), canary: new Map() },
    baseline: nothingRead(),
    canary: nothingRead(),
    moment: null,
    lost: null,
    lostCount: 0,
    counts: null,
  }
}
