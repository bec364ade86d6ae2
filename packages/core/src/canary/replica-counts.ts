import type { OnIsolation } from '../controller/on-isolation.js'
import type { ReplicaCounts, StayCounts } from '../controller/reported-counts.js'
import { type ByVariant, VARIANTS } from '../foundation/vocabulary.js'
import type { Recorder } from '../recorder/recorder-contract.js'
import { BETWEEN_TEXTS } from '../rollout/fleet.js'
import { textOfVisit } from '../rollout/records.js'
import type { Clock } from '../runtime/clock.js'
import { packClusters } from '../summaries/packed-clusters.js'
import { packCounts } from '../summaries/packed-counts.js'
import type { Strata } from '../summaries/strata.js'
import { columnsOf, plusColumns } from '../summaries/strata-columns.js'
import { packStrataReport } from '../summaries/strata-report.js'
import { type Summary, subtractSummaries } from '../summaries/summary.js'
import type { ProcessSplit } from './process-split.js'

/** The options of {@link createReplicaCounts}. */
export interface ReplicaCountsOptions {
  readonly recorder: Pick<Recorder, 'window' | 'read' | 'clusters' | 'strata'>
  readonly split: Pick<ProcessSplit, 'warmUps' | 'isIdle' | 'decided' | 'cutOff'>
  readonly clock: Clock
  readonly onIsolation: OnIsolation
}

/** The counts of a process, which are told of the end of each stay. */
export interface OwnCounts extends ReplicaCounts {
  /** Keeps the last counts of the present stay, right before another one begins. */
  leave(): void
  /** Begins the counts of the present stay, right after the one before has ended. */
  enter(): void
}

/** The most ended stays whose last counts wait for the store. */
const MOST_ENDED = 16

/** Creates what this process reports to the others: its own counts, as text. */
export function createReplicaCounts({ recorder, split, clock, onIsolation }: ReplicaCountsOptions): OwnCounts {
  let latest: ByVariant<Summary> | undefined // of any step: only bins that have not changed are taken over
  const served = createServed(recorder)
  const ended: StayCounts[] = []
  const fast = (): StayCounts => {
    const { epoch, visit } = recorder.window
    served.look()
    latest = recorder.read('step', clock.elapsed(), latest)
    return { epoch, visit, fast: packCounts(latest) }
  }
  const slow = (): string => {
    const clusters = recorder.clusters()
    const keyed = clusters === null ? '' : packClusters(clusters)
    return [keyed, packCounts(served.read()), ...served.strata()].join(BETWEEN_TEXTS)
  }
  return {
    ...{ fast, ended },
    leave() {
      ended.push({ ...fast(), slow: slow() })
      ended.splice(0, ended.length - MOST_ENDED)
    },
    enter: served.look,
    served() {
      served.look()
      return served.read()
    },
    slow,
    isWarm() {
      if (split.warmUps.isWarm) return true
      return split.warmUps.hasFailed ? false : null
    },
    ...(onIsolation.action === 'baseline' && {
      isolation: { afterMs: onIsolation.afterMs, cutOff: split.cutOff },
    }),
  }
}

/** A stay, and what was counted before it. */
interface Seen {
  readonly epoch: number
  readonly stay: string
  /** Left out if the counts begin with the stay. */
  readonly before?: ByVariant<Summary>
  readonly strata: ByVariant<Strata | null>
}

/** Returns what was counted by routing bucket since then, or since the form was changed. */
function strataSince(now: Strata | null, before: Strata | null): string {
  if (now === null) return ''
  const all = columnsOf(now)
  const columns = before !== null && before.form === now.form ? plusColumns(all, columnsOf(before), -1) : all
  const isEmpty = columns.every((list) => list.every((count) => count === 0))
  return isEmpty ? '' : packStrataReport(columns, now.form)
}

/** Creates the counts of all that this process serves in the present stay, as evidence or not. */
function createServed(recorder: Pick<Recorder, 'window' | 'read' | 'strata'>) {
  let seen: Seen | undefined
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
      const strata = { baseline: recorder.strata('baseline'), canary: recorder.strata('canary') }
      seen = { epoch, stay, strata, ...(seen?.epoch === epoch && { before: inEpoch() }) }
    },
    read(): ByVariant<Summary> {
      const { baseline, canary } = inEpoch()
      return { baseline: since(baseline, seen?.before?.baseline), canary: since(canary, seen?.before?.canary) }
    },
    /** Returns a text for each version; an empty one if it did not serve alone in this stay. */
    strata: () => VARIANTS.map((variant) => strataSince(recorder.strata(variant), seen?.strata[variant] ?? null)),
  }
}
