import type { LoopFigures } from '../rollout/status.js'

/** Measures the event loop while it is turned on. */
export interface LoopMeter {
  setOn(isOn: boolean): void
  /** Returns figures since it was turned on; `null` while it is off, and in hosts without Node's `perf_hooks`. */
  read(): LoopFigures | null
}

type PerfHooks = typeof import('node:perf_hooks')

/** The interval of the delay measurement, in milliseconds. */
const RESOLUTION_MS = 10

/** Creates a meter that is off. `perfHooks` is called when the meter is first turned on. */
export function createLoopMeter(perfHooks: () => PerfHooks | undefined = nodePerfHooks): LoopMeter {
  let stop: (() => void) | undefined
  let read: () => LoopFigures | null = () => null

  const begin = (): void => {
    const hooks = perfHooks()
    if (hooks === undefined) return
    const { monitorEventLoopDelay, performance: meter } = hooks
    const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
    const before = meter.eventLoopUtilization()
    delay.enable()
    stop = () => void delay.disable()
    read = () => ({
      p99Ms: Math.max(0, delay.percentile(99) / 1e6 - RESOLUTION_MS),
      utilization: meter.eventLoopUtilization(before).utilization,
    })
  }

  return {
    setOn(isOn) {
      if (isOn === (stop !== undefined)) return
      if (isOn) return begin()
      stop?.()
      stop = undefined
      read = () => null
    },
    read: () => read(),
  }
}

/** Returns Node's `perf_hooks` without an import, which other hosts could not resolve. Works from Node 20.16. */
function nodePerfHooks(): PerfHooks | undefined {
  const { process: host } = globalThis as { readonly process?: Partial<NodeJS.Process> }
  return host?.getBuiltinModule?.('node:perf_hooks')
}
