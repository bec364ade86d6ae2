import { isCanaryError } from '@model-canary/core'
import type { Controller } from '@model-canary/core/controller'

/** The interval of the timer that keeps the process alive, in milliseconds. */
const AWAKE_MS = 3_600_000

/**
 * Runs a rollout to its end, and then watches until the signal. A Deployment restarts a process that ends, and
 * a weight that is changed after the end must be noticed. A final weight that the mesh did not take is retried here.
 */
export async function controlUntil(
  controller: Controller,
  signal: AbortSignal,
  log: Pick<Console, 'log' | 'error'>,
): Promise<void> {
  try {
    await controller.run({ signal })
  } catch (error) {
    if (!isCanaryError(error, 'TARGET_FAILED')) throw error
    log.error(error.message)
  }
  log.log(controller.explain())
  if (!signal.aborted) {
    const awake = setInterval(() => {}, AWAKE_MS)
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
    clearInterval(awake)
  }
  await controller.close()
}
