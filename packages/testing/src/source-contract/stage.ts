import { equal, ok } from 'node:assert/strict'
import type { ByVariant, MetricsSource, SourceWindow } from '@model-canary/core/controller'
import type { Counts } from '@model-canary/core/judge'
import type { PlaceStage } from '../contract-places.js'
import type { ServedCalls, SourcePlace } from './place.js'

/** The result of a source. */
export type Reading = Counts | 'no-data'

/** What a rule about sources receives. */
export interface SourceStage extends PlaceStage<MetricsSource, SourcePlace> {
  /** Opens the source, and the first window of the rollout. */
  begin(): Promise<{ readonly source: MetricsSource; readonly window: SourceWindow }>
  nextWindow(): Promise<SourceWindow>
  /** Serves a number of calls of each version. */
  serve(calls: ByVariant<ServedCalls>): Promise<void>
  read(source: MetricsSource, window: SourceWindow): Promise<Reading>
  /** Reads, and asserts that there are counts. */
  counts(source: MetricsSource, window: SourceWindow): Promise<Counts>
}

/** Turns a rule about sources into a test. */
export type PlaySource = (act: (stage: SourceStage) => Promise<void>) => () => Promise<void>

/** Adds the actions and assertions of rules about sources to a stage. */
export function sourceStage(stage: PlaceStage<MetricsSource, SourcePlace>): SourceStage {
  const { place, within, open } = stage
  const nextWindow = () => within('the next window opens', Promise.resolve(place.nextWindow()))
  const read = (source: MetricsSource, window: SourceWindow) =>
    within('read() ends', source.read(window, new AbortController().signal))
  return {
    ...stage,
    nextWindow,
    read,
    async begin() {
      const source = await open()
      return { source, window: await nextWindow() }
    },
    serve: (calls) => within('the calls are served', Promise.resolve(place.serve(calls))),
    async counts(source, window) {
      const reading = await read(source, window)
      if (reading === 'no-data') throw new Error('read() resolved to "no-data", and calls have been served')
      return reading
    },
  }
}

/** A number of successful calls of each version, and no failed ones. */
export const succeeded = (baseline: number, canary: number): ByVariant<ServedCalls> => ({
  baseline: { success: baseline, error: 0 },
  canary: { success: canary, error: 0 },
})

/** Asserts that a source counted exactly these calls, and their errors if the source supports them. */
export function isCounted(source: MetricsSource, counts: Counts, calls: ByVariant<ServedCalls>): void {
  const tellsErrors = source.supports?.includes('errorRate') ?? true
  for (const variant of ['baseline', 'canary'] as const) {
    const { success, error } = calls[variant]
    const { begun, outcomes } = counts[variant]
    equal(begun, success + error, `${variant} served ${success + error} calls, and ${begun} were counted`)
    if (tellsErrors)
      equal(outcomes.error, error, `${variant} failed ${error} times, and ${outcomes.error} were counted`)
  }
}

/** Asserts that nothing was counted: no data, or counts of 0. */
export function isNothing(reading: Reading, why: string): void {
  if (reading === 'no-data') return
  ok(reading.baseline.begun === 0 && reading.canary.begun === 0, `calls were counted ${why}`)
}
