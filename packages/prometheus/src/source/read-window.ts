import type { Variant } from '@model-canary/core'
import type { ByVariant } from '@model-canary/core/controller'
import { strandsOf } from './answered-query.js'
import { AnswerTooLarge } from './bounded-text.js'
import { countOn } from './count-rounds.js'
import type { PlannedQuery } from './plan.js'
import { type ReadArmOptions, readArm } from './read-arm.js'
import { readBirths } from './read-births.js'
import type { ResolvedSource } from './source-options.js'
import type { WindowProgress } from './window-progress.js'

/** What a window is read with. */
export interface WindowReading extends ReadArmOptions {
  readonly source: ResolvedSource
  readonly plans: ByVariant<readonly PlannedQuery[]>
  /** When the window begins, in milliseconds by Prometheus' clock. */
  readonly zeroAt: number
  /** The time up to which samples are wanted. */
  readonly readTo: number
}

/** How far back to look for series from before the window, in milliseconds; the same as Prometheus' own lookback. */
const LOOKBACK_MS = 300_000

/** The shortest range of one read, in milliseconds. If it still has too many samples, the read fails. */
const SHORTEST_CHUNK_MS = 60_000

/** Reads and counts the next range, and a shorter one if there are too many samples for one response. */
export async function readNext(before: WindowProgress, reading: WindowReading): Promise<WindowProgress> {
  const { zeroAt, readTo } = reading
  try {
    return await readRange(before, reading)
  } catch (error) {
    const chunkMs = Math.min(before.chunkMs, readTo - Math.max(before.readTo, zeroAt)) / 2
    if (!((error as Error).cause instanceof AnswerTooLarge) || chunkMs < SHORTEST_CHUNK_MS) throw error
    return readNext({ ...before, chunkMs }, reading)
  }
}

async function readRange(before: WindowProgress, reading: WindowReading): Promise<WindowProgress> {
  const { source, plans, zeroAt } = reading
  const isFirst = before.readTo === Number.NEGATIVE_INFINITY
  const beginsAt = isFirst ? zeroAt : before.readTo
  const lateAt = beginsAt - (isFirst ? LOOKBACK_MS : source.maxAgeMs) // read again, to get late samples
  const range = {
    fromAt: Math.min(lateAt, before.moment ?? lateAt),
    toAt: Math.min(reading.readTo, beginsAt + before.chunkMs),
  }
  const answers = {
    baseline: await readArm(plans.baseline, range, reading),
    canary: await readArm(plans.canary, range, reading),
  }
  const strands = { baseline: strandsOf(answers.baseline), canary: strandsOf(answers.canary) }
  const birthsOf = (arm: Variant) => {
    const { startTimes } = source.queries[arm]
    const known = before.births[arm]
    const seen = { arm: before[arm], answers: answers[arm], plan: plans[arm], startTimes, zeroAt, known }
    return readBirths(seen, range, reading)
  }
  const births = { baseline: await birthsOf('baseline'), canary: await birthsOf('canary') }
  const settledAt = range.toAt - source.maxAgeMs
  const counted = countOn(before, { strands, births, zeroAt, settledAt })
  return { ...before, ...counted, births, readTo: range.toAt }
}
