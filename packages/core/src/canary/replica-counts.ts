import type { OnIsolation } from '../controller/on-isolation.js'
import type { ReplicaCounts } from '../controller/reported-counts.js'
import type { ByVariant } from '../foundation/vocabulary.js'
import type { Recorder } from '../recorder/recorder-contract.js'
import { BETWEEN_TEXTS } from '../rollout/fleet.js'
import { textOfVisit } from '../rollout/records.js'
import type { Clock } from '../runtime/clock.js'
import { packClusters } from '../summaries/packed-clusters.js'
import { packCounts } from '../summaries/packed-counts.js'
import { type Summary, subtractSummaries } from '../summaries/summary.js'
import type { ProcessSplit } from './process-split.js'

/** The options of {@link createReplicaCounts}. */
export interface ReplicaCountsOptions {
  readonly recorder: Pick<Recorder, 'window' | 'read' | 'clusters'>
  readonly split: Pick<ProcessSplit, 'warmUps' | 'isIdle' | 'decided' | 'cutOff'>
  readonly clock: Clock
  readonly onIsolation: OnIsolation
}

/** Creates what this process reports to the others: its own counts, as text. */
export function createReplicaCounts({ recorder, split, clock, onIsolation }: ReplicaCountsOptions): ReplicaCounts {
  let latest: ByVariant<Summary> | undefined // of any step: only bins that have not changed are taken over
  const served = createServed(recorder)
  return {
    fast() {
      const { epoch, visit } = recorder.window
      served.look()
      latest = recorder.read('step', clock.elapsed(), latest)
      return { epoch, visit, fast: packCounts(latest) }
    },
    slow() {
      const clusters = recorder.clusters()
      return [clusters === null ? '' : packClusters(clusters), packCounts(served.read())].join(BETWEEN_TEXTS)
    },
    isWarm() {
      if (split.warmUps.isWarm) return true
      return split.warmUps.hasFailed ? false : null
    },
    ...(onIsolation.action === 'baseline' && {
      isolation: { afterMs: onIsolation.afterMs, cutOff: split.cutOff },
    }),
    weight: () => (split.isIdle ? 0 : split.decided.weight),
  }
}

/** Creates the counts of all that this process serves in the present stay, as evidence or not. */
function createServed(recorder: Pick<Recorder, 'window' | 'read'>) {
  let seen: { readonly epoch: number; readonly stay: string; readonly before?: ByVariant<Summary> } | undefined
  const inEpoch = (): ByVariant<Summary> => recorder.read('rollout', 0)
  const since = (now: Summary, before: Summary | undefined): Summary => ({
    ...((before && subtractSummaries(now, before)) ?? now),
    pendingBins: [],
  })
  return {
    /** Begins anew if another stay has begun. The counts of an epoch begin at zero. */
    look(): void {
      const { epoch } = recorder.window
      const stay = textOfVisit(recorder.window)
      if (seen?.stay === stay) return
      seen = { epoch, stay, ...(seen?.epoch === epoch && { before: inEpoch() }) }
    },
    read(): ByVariant<Summary> {
      const { baseline, canary } = inEpoch()
      return { baseline: since(baseline, seen?.before?.baseline), canary: since(canary, seen?.before?.canary) }
    },
  }
}
