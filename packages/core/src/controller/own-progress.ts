import type { InterimProgress, Progress } from '../rollout/analyze.js'
import type { MetricsSource } from '../rollout/ports.js'
import type { StoredRollout } from '../rollout/store.js'
import type { Turn } from '../rollout/turn.js'
import type { Clock } from '../runtime/clock.js'

/** How far this process has come since the stored evidence was written. */
export interface Own extends Progress {
  readonly epoch: number
  readonly step: number
  readonly openedAt: number
  /** The stored evidence that this follows; another one means that another process judged meanwhile. */
  readonly base: unknown
  readonly blocks: InterimProgress['blocks']
  /** When counts were last taken in, on the clock's `elapsed` scale. */
  readonly at: number
  /** Whether harm that cannot wait was brought to the rollout already. */
  readonly hasCalled: boolean
}

/** What this process has counted and shown to the judge, beside what is stored. */
export interface OwnProgress {
  /** Where this process's counts stood, also if another process has judged since. */
  countedOf(stored: StoredRollout): Progress['cumulative']
  /** What this process has taken in since the stored evidence was written. */
  interimOf(stored: StoredRollout): InterimProgress
  /** Whether harm was brought to the rollout already by the counts that this progress follows. */
  hasCalled(progress: Progress): boolean
  /** Counts were taken in, and nothing was written. */
  takeIn(own: Own): void
  /** What was taken in is stored: what comes follows that. */
  follow(own: Omit<Own, 'base' | 'blocks'>): void
}

/** What own progress is measured by. */
export interface OwnProgressOptions {
  readonly source: MetricsSource
  readonly clock: Clock
  /** Time since the last change of the rollout, in milliseconds. */
  readonly sinceMs: () => number
}

/** The most blocks since the last write that are kept for a replay: about twice what a look brings, however long a store is down. */
const MOST_BLOCKS = 60

/** Returns the blocks with one more; `null`, and no turn for a replay, if there are too many: they are in the evidence already. */
export const withNext = (
  blocks: InterimProgress['blocks'],
  block: Turn['blocks'][number],
): InterimProgress['blocks'] => (blocks === null || blocks.length >= MOST_BLOCKS ? null : [...blocks, block])

/** Begins with nothing taken in. */
export function createOwnProgress({ source, clock, sinceMs }: OwnProgressOptions): OwnProgress {
  let own: Own | undefined

  const countedOf: OwnProgress['countedOf'] = ({ state, cumulative }) => {
    if (source.survivesRestart !== false) return cumulative
    return own?.epoch === state.epoch && own.step === state.step ? own.cumulative : null
  }

  return {
    countedOf,
    interimOf(stored) {
      const { epoch, step, requests } = stored.state
      const { evidence, openedAt } = stored
      const isOpen = own?.openedAt === openedAt || source.survivesRestart === false // those count on, whatever was reopened
      if (isOpen && own?.epoch === epoch && own.step === step && own.base === evidence) {
        return { evidence, blocks: own.blocks, progress: own, sinceMs: clock.elapsed() - own.at }
      }
      const progress = { evidence, cumulative: countedOf(stored), requests }
      return { evidence, blocks: [], progress, sinceMs: sinceMs() }
    },
    hasCalled: (progress) => progress === own && own.hasCalled,
    takeIn(next) {
      own = next
    },
    follow(written) {
      own = { ...written, base: written.evidence, blocks: [] }
    },
  }
}
