import { numberWithin, refuseUnknown } from '../foundation/options.js'

/** Which observations `metrics()` looks at. */
export type MetricsWindow = 'rollout' | 'step' | { readonly lastMs: number }

/** The window itself, if it is one. Throws `INVALID_OPTION` and `UNKNOWN_OPTION`; `verb` names the caller in the message. */
export function resolveWindow(verb: string, window: MetricsWindow): MetricsWindow {
  if (window === 'rollout' || window === 'step') return window
  refuseUnknown(`${verb}: window`, window, { lastMs: 1 })
  return { lastMs: numberWithin(`${verb}: lastMs`, window.lastMs, 1, Number.MAX_VALUE) }
}
