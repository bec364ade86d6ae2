import { deepEqual, equal, ok } from 'node:assert/strict'
import { type Counts, readSummary, subtractSummaries } from '@model-canary/core/judge'
import { isCounted, isNothing, type PlaySource, succeeded } from './stage.js'

const HOUR_MS = 3_600_000

/** What a source counts, and from which time. */
export function countRules(play: PlaySource) {
  return {
    'has counted nothing before the first call of a window': play(async ({ begin, read }) => {
      const { source, window } = await begin()
      isNothing(await read(source, window), 'and nothing has been served')
    }),
    'counts every call of both versions, and which of them failed': play(async ({ begin, serve, counts }) => {
      const { source, window } = await begin()
      const calls = { baseline: { success: 28, error: 2 }, canary: { success: 15, error: 5 } }
      await serve(calls)
      isCounted(source, await counts(source, window), calls)
    }),
    'counts cumulatively: no count ever falls within a window': play(async ({ begin, serve, counts }) => {
      const { source, window } = await begin()
      let before: Counts | undefined
      for (let round = 1; round <= 3; round += 1) {
        await serve(succeeded(30, 20))
        const now = await counts(source, window)
        for (const variant of ['baseline', 'canary'] as const) {
          const block = before && subtractSummaries(now[variant], before[variant])
          ok(before === undefined || block !== undefined, `a count of ${variant} fell within a window`)
        }
        isCounted(source, now, succeeded(30 * round, 20 * round))
        before = now
      }
    }),
    'answers the same when nothing has happened since': play(async ({ begin, serve, counts }) => {
      const { source, window } = await begin()
      await serve(succeeded(30, 20))
      const first = await counts(source, window)
      deepEqual(await counts(source, window), first)
    }),
    'begins at zero with every window': play(async ({ begin, nextWindow, serve, read, counts }) => {
      const { source } = await begin()
      await serve(succeeded(30, 20))
      const window = await nextWindow()
      isNothing(await read(source, window), 'that were served before the window opened')
      await serve(succeeded(3, 2))
      isCounted(source, await counts(source, window), succeeded(3, 2))
    }),
    'has counted nothing in a window that has not opened yet': play(async ({ begin, serve, read }) => {
      const { source, window } = await begin()
      await serve(succeeded(30, 20))
      const later = { ...window, epoch: window.epoch + 1, openedAt: window.openedAt + HOUR_MS }
      isNothing(await read(source, later), 'for a window that has not opened')
    }),
    'counts in summaries that survive JSON': play(async ({ begin, serve, counts }) => {
      const { source, window } = await begin()
      await serve(succeeded(30, 20))
      const { baseline, canary } = await counts(source, window)
      for (const summary of [baseline, canary]) deepEqual(readSummary(JSON.parse(JSON.stringify(summary))), summary)
    }),
    'counts from the beginning of the window in a process that begins later': play(
      async ({ begin, open, serve, read, counts }) => {
        const { source, window } = await begin()
        await serve(succeeded(30, 20))
        const later = await open()
        equal(later.survivesRestart, source.survivesRestart, 'both processes must have the same survivesRestart')
        if (source.survivesRestart === false) isNothing(await read(later, window), 'though survivesRestart is false')
        else isCounted(later, await counts(later, window), succeeded(30, 20))
      },
    ),
  }
}
