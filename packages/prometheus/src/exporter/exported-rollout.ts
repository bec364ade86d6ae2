import { type Canary, CanaryError, type Status, type Variant, type Versions } from '@model-canary/core'
import type { Summary } from '@model-canary/core/judge'
import { safeName } from '@model-canary/foundation'
import { checkObject, memberFunction } from './checks.js'

/** A rollout as the exporter sees it: also that of a process which serves one version only. */
export interface ExportedRollout {
  /** The value of the label `rollout`. */
  readonly name: string
  readonly versions: Versions
  /**
   * Cumulative counts since the process, or the rollout's present life, began.
   * An arm that this process does not serve is left out.
   */
  counts(): { readonly [Arm in Variant]?: Summary }
  /** Where the rollout stands, where that is known here. */
  status?(): Status
  /** Tells of decisions and alerts, so that they are counted. */
  on?: Canary['on']
  /** Told when a scrape failed. */
  report?: Canary['report']
}

/** What the exporter needs of a canary. */
export type ExportedCanary = Pick<Canary, 'counts' | 'status' | 'on' | 'report'>

/** Past this line a rollout has a name and versions that can be labels. */
export function resolveRollout(source: ExportedRollout | ExportedCanary): ExportedRollout {
  checkObject('prometheusExporter: the rollout', source)
  memberFunction('counts', source.counts)
  for (const name of ['status', 'on', 'report'] as const) {
    if (source[name] !== undefined) memberFunction(name, source[name])
  }
  const { name, versions } = 'versions' in source ? source : memberFunction('status', source.status).call(source)
  checkObject('prometheusExporter: versions', versions)
  const baseline = safeName('prometheusExporter: versions.baseline', versions.baseline, 'INVALID_VERSION')
  const canary = safeName('prometheusExporter: versions.canary', versions.canary, 'INVALID_VERSION')
  if (baseline === canary) {
    throw new CanaryError('SAME_VERSION', `both versions are "${baseline}"; give each arm a version of its own`)
  }
  return {
    name: safeName('prometheusExporter: name', name, 'INVALID_NAME'),
    versions: { baseline, canary },
    counts: () => source.counts(),
    ...(source.status && { status: () => source.status!() }),
    ...(source.on && { on: (event, listener) => source.on!(event, listener) }),
    ...(source.report && { report: (error) => source.report!(error) }),
  }
}
