import { type Clock, systemClock } from '@model-canary/core'
import { rolloutController } from './rollout.js'

/** The system's time, or a given wall time, so that a test can simulate hours. */
function clockAt(nowMs: string | undefined): Clock {
  return nowMs === undefined ? systemClock : { ...systemClock, now: () => Number(nowMs) }
}

/** Makes one round of the rollout in a folder: load, read, decide, persist. Then the process ends. */
async function main(folder: string, stateFolder?: string): Promise<void> {
  const controller = rolloutController(folder, clockAt(process.env.CRON_NOW_MS), stateFolder)
  controller.on('alert', ({ about, message }) => console.error(`${about}: ${message}`))
  controller.on('internal-error', ({ error }) => console.error(error.message))
  await controller.evaluate()
  console.log(controller.explain())
  await controller.close()
}

const [folder, stateFolder] = process.argv.slice(2)
if (folder === undefined) {
  console.error('usage: node dist/cron.js FOLDER [STATE_FOLDER]')
  process.exitCode = 2
} else {
  await main(folder, stateFolder)
}
