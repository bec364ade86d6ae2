import type { Counts } from '../rollout/counts.js'
import type { MetricsSource, SourceWindow } from '../rollout/ports.js'
import type { Visit } from '../rollout/records.js'

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
}

/** Creates a source that has collected nothing. */
export function createFleetSource({ own, publish, collect }: FleetSourceOptions): FleetSource {
  let latest: { readonly of: Visit; readonly counts: Counts | 'no-data' } | undefined

  const refresh: FleetSource['refresh'] = async ({ epoch, visit }, signal) => {
    latest = { of: { epoch, visit }, counts: await collect({ epoch, visit }, signal) }
  }
  const peek: FleetSource['peek'] = ({ epoch, visit }) =>
    latest?.of.epoch === epoch && latest.of.visit === visit ? latest.counts : 'no-data'
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
