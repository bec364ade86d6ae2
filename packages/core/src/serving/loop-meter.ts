import type { LoopFigures } from '../rollout/status.js'

/** Measures the event loop while it is on. */
export interface LoopMeter {
  turn(isOn: boolean): void
  /** Since it was turned on; `null` while it is off, and in hosts without Node's `perf_hooks`. */
  read(): LoopFigures | null
}

type PerfHooks = typeof import('node:perf_hooks')

/** How often the delay is looked at, in milliseconds. */
const RESOLUTION_MS = 10

/** Makes a meter that is off. What it measures with is asked for when it is first turned on, and is absent in browsers. */
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
    turn(isOn) {
      if (isOn === (stop !== undefined)) return
      if (isOn) return begin()
      stop?.()
      stop = undefined
      read = () => null
    },
    read: () => read(),
  }
}

/** Node's own module, without an import that other hosts could not resolve. Node has had this door since 20.16. */
function nodePerfHooks(): PerfHooks | undefined {
  const { process: host } = globalThis as { readonly process?: Partial<NodeJS.Process> }
  return host?.getBuiltinModule?.('node:perf_hooks')
}
