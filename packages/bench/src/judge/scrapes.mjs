import { createRecorder, subtractSummaries } from '@model-canary/core/judge'

const ARMS = ['baseline', 'canary']
const nothing = () => ({ baseline: undefined, canary: undefined })

/**
 * A source of scraped counts of two versions, each scraped at its own second of the minute.
 *
 * As in a Prometheus, a window is counted from an arm's first scrape since it opened.
 *
 * @param {{ everyMs: number, offsetsMs: { baseline: number, canary: number } }} scrapes
 * @param {import('@model-canary/core').Clock} clock
 */
export function createScrapes({ everyMs, offsetsMs }, clock) {
  const recorder = createRecorder()
  recorder.open({ epoch: 1, step: 0 }, 0) // the pods' own counters do not distinguish steps
  let latest = nothing()
  let openedAt
  let zero = nothing()

  const openAt = (at) => {
    if (at === openedAt) return
    openedAt = at
    zero = nothing()
    for (const arm of ARMS) if (latest[arm]?.at >= at) zero[arm] = latest[arm]
  }

  return {
    record: recorder.record,
    /** To be called every second. */
    scrape() {
      for (const arm of ARMS) {
        if (clock.elapsed() % everyMs !== offsetsMs[arm]) continue
        const at = clock.now()
        latest = { ...latest, [arm]: { at, summary: recorder.read('rollout', clock.elapsed())[arm] } }
        if (openedAt !== undefined && at >= openedAt) zero[arm] ??= latest[arm]
      }
    },
    /** @type {import('@model-canary/core/controller').MetricsSource} */
    source: {
      async read(window) {
        openAt(window.openedAt)
        if (!ARMS.every((arm) => zero[arm])) return 'no-data'
        const since = (arm) => subtractSummaries(latest[arm].summary, zero[arm].summary)
        return { baseline: since('baseline'), canary: since('canary'), everyMs }
      },
    },
  }
}
