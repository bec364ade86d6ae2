import type { InterimProgress, Progress } from '../rollout/analyze.js'
import type { MetricsSource } from '../rollout/ports.js'
import type { StoredRollout } from '../rollout/stored-rollout.js'
import type { Turn } from '../rollout/turn.js'
import type { Clock } from '../runtime/clock.js'

/** The progress of this process since the stored evidence was written. */
export interface Own extends Progress {
  readonly epoch: number
  readonly step: number
  readonly openedAt: number
  /** The stored evidence that this follows. If the store holds another one, another process has judged since. */
  readonly base: unknown
  readonly blocks: InterimProgress['blocks']
  /** When counts were last added, on the clock's `elapsed` scale. */
  readonly at: number
  /** True once urgent harm was reported to the rollout. */
  readonly hasCalled: boolean
}

/** The counts that this process has passed to the judge, in addition to the stored evidence. */
export interface OwnProgress {
  /** Returns the counts of this process at its last judgement, also if another process has judged since. */
  countedOf(stored: StoredRollout): Progress['cumulative']
  /** Returns what this process has added since the stored evidence was written. */
  interimOf(stored: StoredRollout): InterimProgress
  /** Returns whether the counts that this progress follows have already led to urgent harm being reported. */
  hasCalled(progress: Progress): boolean
  /** Records counts that were added but not written. */
  takeIn(own: Own): void
  /** Records that the evidence was stored: later progress follows it. */
  follow(own: Omit<Own, 'base' | 'blocks'>): void
}

/** The options of {@link createOwnProgress}. */
export interface OwnProgressOptions {
  readonly source: MetricsSource
  readonly clock: Clock
  /** Time since the last change of the rollout, in milliseconds. */
  readonly sinceMs: () => number
}

/** The most blocks since the last write that are kept for a replay, also while the store is down: about two looks. */
const MOST_BLOCKS = 60

/** Returns the blocks and one more; `null` if there are too many, which makes this turn impossible to replay. */
export const withNext = (blocks: InterimProgress['blocks'], block: Turn['blocks'][number]): InterimProgress['blocks'] =>
  boundedBlocks(blocks && [...blocks, block])

/** Returns the blocks; `null` if there are too many. */
export const boundedBlocks = (blocks: InterimProgress['blocks']): InterimProgress['blocks'] =>
  blocks === null || blocks.length > MOST_BLOCKS ? null : blocks

/** Creates progress without counts. */
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
      // counts that begin at zero in every process continue when a stay is reopened
      const isOpen = own?.openedAt === openedAt || source.survivesRestart === false
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
