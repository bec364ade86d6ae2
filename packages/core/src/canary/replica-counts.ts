import type { ReplicaCounts } from '../controller/reported-counts.js'
import type { ByVariant } from '../foundation/vocabulary.js'
import type { Recorder } from '../recorder/recorder-contract.js'
import type { Clock } from '../runtime/clock.js'
import { packClusters } from '../summaries/packed-clusters.js'
import { packCounts } from '../summaries/packed-counts.js'
import type { Summary } from '../summaries/summary.js'
import type { ProcessSplit } from './process-split.js'

/** The options of {@link createReplicaCounts}. */
export interface ReplicaCountsOptions {
  readonly recorder: Pick<Recorder, 'window' | 'read' | 'clusters'>
  readonly split: Pick<ProcessSplit, 'warmUps' | 'isIdle' | 'decided'>
  readonly clock: Clock
}

/** Creates what this process reports to the others: its own counts, as text. */
export function createReplicaCounts({ recorder, split, clock }: ReplicaCountsOptions): ReplicaCounts {
  let latest: ByVariant<Summary> | undefined // of any step: only bins that have not changed are taken over
  return {
    fast() {
      const { epoch, visit } = recorder.window
      latest = recorder.read('step', clock.elapsed(), latest)
      return { epoch, visit, fast: packCounts(latest) }
    },
    slow() {
      const clusters = recorder.clusters()
      return clusters === null ? undefined : packClusters(clusters)
    },
    isWarm() {
      if (split.warmUps.isWarm) return true
      return split.warmUps.hasFailed ? false : null
    },
    weight: () => (split.isIdle ? 0 : split.decided.weight),
  }
}
