import { manualClock } from '@model-canary/testing'
import { expect, it } from 'vitest'
import { createRecorder } from '../recorder/recorder.js'
import type { Counts } from '../rollout/counts.js'
import { createProcessSource } from './process-source.js'

const window = { epoch: 1, step: 1, visit: 1, openedAt: 0 }
const origin = { epoch: 1, step: 1, reason: 'split' } as const

it('hands out the bins that have not changed since the last reading, and no copies of them', () => {
  const recorder = createRecorder()
  const source = createProcessSource({
    recorder,
    clock: manualClock(),
    baselineHistory: () => null,
    answers: () => ({}),
    unit: () => 'request',
  })
  const record = (durationMs: number) =>
    recorder.record({ variant: 'canary', at: 1, durationMs, outcome: 'success' }, origin)
  recorder.open(window, 0)
  for (const durationMs of [1, 10, 100]) record(durationMs)
  const before = source.peek!(window) as Counts
  record(10)
  const now = source.peek!(window) as Counts
  const copied = now.canary.latencyBins.filter((pair) => !before.canary.latencyBins.includes(pair))
  expect(now.canary.latencyBins).toHaveLength(3)
  expect(copied.map(([, count]) => count)).toEqual([2])
})
