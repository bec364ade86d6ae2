import { setTimeout as wait } from 'node:timers/promises'
import type { DemoOptions } from './arguments.js'
import type { ServiceProcess } from './service-process.js'
import type { Show } from './terminal/show.js'
import type { Snapshot } from './terminal/snapshot.js'
import { askOver } from './traffic/ask.js'
import { loadSentences } from './traffic/sentences.js'
import { startTraffic } from './traffic/traffic.js'
import { hasEnded, readReport } from './watch.js'

/** Time between two updates of the display, in milliseconds. */
const REFRESH_MS = 250

/** A service that cannot be read may be ending. This is how long to wait for that. */
const LAST_CHANCE_MS = 1_000

/**
 * Sends the traffic and shows the rollout until it has ended. Resolves to the final state.
 *
 * @throws if the service ends, or the signal's reason if it is aborted
 */
export async function watchRollout(
  { origin, gone }: Pick<ServiceProcess, 'origin' | 'gone'>,
  options: DemoOptions,
  show: Show,
  signal: AbortSignal,
): Promise<Snapshot> {
  const startedAt = Date.now()
  const traffic = startTraffic({
    sentences: loadSentences(),
    rate: options.rate,
    ask: askOver(origin),
  })
  const lost = gone.then((lastWords) => {
    throw new Error(`The service went away. ${lastWords}`.trim())
  })
  lost.catch(() => {}) // after the end it may go
  const look = async (): Promise<Snapshot> => {
    const report = await readReport(origin).catch(async (error: unknown) => {
      await Promise.race([lost, wait(LAST_CHANCE_MS)]) // a service that went away says more than a failed request
      throw error
    })
    return { ...report, options, origin, startedAt, elapsedMs: Date.now() - startedAt, traffic: traffic.tally }
  }

  try {
    for (;;) {
      const snapshot = await look()
      show.update(snapshot)
      if (hasEnded(snapshot)) {
        await traffic.stop()
        return { ...(await look()), elapsedMs: snapshot.elapsedMs }
      }
      await Promise.race([wait(REFRESH_MS, undefined, { signal }), lost])
    }
  } finally {
    void traffic.stop()
  }
}
