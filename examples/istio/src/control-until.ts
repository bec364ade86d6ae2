import { isCanaryError } from '@model-canary/core'
import type { Controller } from '@model-canary/core/controller'

/** How often the timer that keeps the process alive goes off, in milliseconds. */
const AWAKE_MS = 3_600_000

/**
 * Runs a rollout to its end, and then stays up and watches until the signal: a Deployment starts again whatever ends, and
 * a weight that is put back after the end has to be seen. A final weight that the mesh does not take is tried on here.
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
