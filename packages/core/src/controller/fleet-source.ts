import type { ByVariant } from '../foundation/vocabulary.js'
import { hasFallen } from '../rollout/analyze.js'
import type { Counts } from '../rollout/counts.js'
import type { MetricsSource, SourceWindow } from '../rollout/ports.js'
import type { Visit } from '../rollout/records.js'
import type { Clock } from '../runtime/clock.js'
import type { Summary } from '../summaries/summary.js'

/** The counts of all processes of a rollout. */
export interface FleetSource extends MetricsSource {
  /** Returns the counts that were collected last. */
  peek(window: SourceWindow): Counts | 'no-data'
  /** Collects the counts, so that `peek` returns them. */
  refresh(window: SourceWindow, signal: AbortSignal): Promise<void>
}

/** The options of {@link createFleetSource}. */
export interface FleetSourceOptions {
  /** The counts of this process. */
  readonly own: Pick<MetricsSource, 'calibrate' | 'supports'>
  /** Stores the counts of this process. Does not reject. */
  readonly publish: () => Promise<void>
  /** Returns the sums of what all processes have stored. */
  readonly collect: (visit: Visit, signal: AbortSignal) => Promise<Counts | 'no-data'>
  readonly clock: Clock
  /** Returns the counts of a stay that are in the stored evidence; `null` if there are none. */
  readonly counted: (visit: Visit) => ByVariant<Summary> | null
  /** Called with a sentence when counts were lost for good. */
  readonly onLost: (message: string) => void
}

/** How long a sum below an earlier one is taken for incomplete, in milliseconds. */
const INCOMPLETE_MS = 20_000

const LOST = 'reports of processes were lost; requests that were counted of them may be missing in later sums'

interface Latest {
  readonly of: Visit
  readonly counts: Counts | 'no-data'
  /** Since when the store has had less than these counts, on the clock's `elapsed` scale. */
  readonly lessSinceMs?: number
}

/**
 * Creates a source that has collected nothing.
 *
 * A store that lost its reports gets them again one by one. Until then, the counts stay at the last complete sum:
 * otherwise a process that reports again would be counted twice.
 */
export function createFleetSource(options: FleetSourceOptions): FleetSource {
  const { own, publish, collect, clock, counted, onLost } = options
  let latest: Latest | undefined
  let givenUp: ByVariant<Summary> | null = null // stored counts that later sums may be below

  /** Returns what is known of a stay: the last sum, or what an earlier leader has counted if that is more. */
  const before = (of: Visit): Latest | undefined => {
    const seen = latest !== undefined && isSame(latest.of, of) ? latest : undefined
    const stored = counted(of)
    if (stored === null || stored === givenUp || (seen && !isLess(seen.counts, stored))) return seen
    return { ...seen, of, counts: { ...stored, isShared: true } }
  }
  const refresh: FleetSource['refresh'] = async ({ epoch, visit }, signal) => {
    const of = { epoch, visit }
    const counts = await collect(of, signal)
    const known = before(of)
    if (known === undefined || !isLess(counts, known.counts)) return void (latest = { of, counts })
    const lessSinceMs = known.lessSinceMs ?? clock.elapsed()
    latest = { ...known, lessSinceMs }
    if (clock.elapsed() - lessSinceMs < INCOMPLETE_MS || counts === 'no-data') return
    latest = { of, counts }
    givenUp = counted(of)
    onLost(LOST)
  }
  const peek: FleetSource['peek'] = ({ epoch, visit }) =>
    latest !== undefined && isSame(latest.of, { epoch, visit }) ? latest.counts : 'no-data'
  return {
    ...(own.supports && { supports: own.supports }),
    ...(own.calibrate && { calibrate: () => own.calibrate!() }),
    peek,
    refresh,
    async read(window, signal) {
      await publish()
      await refresh(window, signal)
      return peek(window)
    },
  }
}

const isSame = (a: Visit, b: Visit): boolean => a.epoch === b.epoch && a.visit === b.visit

/** Returns whether counts lack something that was in earlier ones. */
const isLess = (counts: Counts | 'no-data', before: ByVariant<Summary> | 'no-data'): boolean =>
  before !== 'no-data' && (counts === 'no-data' || hasFallen(counts, before))
