import { systemClock } from '@model-canary/core'

/**
 * Creates a clock that follows the system's until it is slowed down. From then on its time passes more slowly by a
 * factor, so that its timers are due after as many more requests, and do not count as costs of those few requests that
 * a program answers while its instructions are counted.
 *
 * @returns {import('@model-canary/core').Clock & { slowDown(factor: number): void }}
 */
export function createSlowClock() {
  let factor = 1
  let originMs = 0
  let slowMs = 0
  const elapsed = () => slowMs + (systemClock.elapsed() - originMs) / factor
  return {
    now: systemClock.now,
    elapsed,
    schedule: (delayMs, task, options) => systemClock.schedule(delayMs * factor, task, options),
    slowDown(by) {
      slowMs = elapsed()
      originMs = systemClock.elapsed()
      factor = by
    },
  }
}
