import { type Canary, CanaryError, type Status, type Variant, type Versions } from '@model-canary/core'
import type { Summary } from '@model-canary/core/judge'
import { safeName } from '@model-canary/foundation'
import { checkObject, memberFunction } from './checks.js'

/** A rollout as the exporter reads it, also in a process that serves only one version. */
export interface ExportedRollout {
  /** The value of the label `rollout`. */
  readonly name: string
  /** The versions of both arms, for the label `version`. */
  readonly versions: Versions
  /**
   * Returns cumulative counts since the process, or the rollout's present epoch, started.
   * An arm that this process does not serve is omitted.
   */
  counts(): { readonly [Arm in Variant]?: Summary }
  /** Returns the rollout's status, if this process knows it. */
  status?(): Status
  /** Subscribes to decisions and alerts, which are then counted. */
  on?: Canary['on']
  /** Called with the error of a failed scrape. */
  report?: Canary['report']
}

/** The members of a canary that the exporter uses. */
export type ExportedCanary = Pick<Canary, 'counts' | 'status' | 'on' | 'report'>

/** Checks a rollout, so that its name and versions are valid labels. */
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
