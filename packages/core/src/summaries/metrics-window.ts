import { numberWithin, refuseUnknown } from '../foundation/options.js'

/** The observations that `metrics()` covers. */
export type MetricsWindow = 'rollout' | 'step' | { readonly lastMs: number }

/** Returns the window if it is valid. Throws `INVALID_OPTION` or `UNKNOWN_OPTION`, with `verb` in the message. */
export function resolveWindow(verb: string, window: MetricsWindow): MetricsWindow {
  if (window === 'rollout' || window === 'step') return window
  refuseUnknown(`${verb}: window`, window, { lastMs: 1 })
  return { lastMs: numberWithin(`${verb}: lastMs`, window.lastMs, 1, Number.MAX_VALUE) }
}
