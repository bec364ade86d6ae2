import { CanaryError } from '@model-canary/core'
import type { Family, Sample } from './family.js'

/** The members of a registry of `prom-client` 15 or `@prometheus-io/client` 0.16 that `register` uses. */
export interface ClientRegistry {
  /** The content type, which tells the text format from OpenMetrics. */
  readonly contentType: string
  /** Adds a metric; throws if one of that name exists. */
  registerMetric(metric: never): void
  /** Returns the metric of a name; `undefined` if there is none. */
  getSingleMetric(name: string): unknown
  /** Removes the metric of a name. */
  removeSingleMetric(name: string): void
}

interface ClientMetric {
  name: string
  readonly help: string
  readonly type: string
  readonly aggregator: 'sum' | 'first'
  readonly get: () => Promise<object>
  readonly reset: () => void
}

/**
 * Registers either every family or, if one fails, no family. The returned function removes them.
 *
 * @throws `INVALID_NAME` if the registry already has a metric of one of these names
 */
export function registerFamilies(
  registry: ClientRegistry,
  families: readonly Family[],
  read: (family: Family) => readonly Sample[],
): () => void {
  const metrics: ClientMetric[] = []
  const unregister = (): void => {
    for (const metric of metrics.splice(0)) {
      if (registry.getSingleMetric(metric.name) === metric) registry.removeSingleMetric(metric.name)
    }
  }
  try {
    for (const family of families) {
      const metric = clientMetric(registry, family, read)
      registry.registerMetric(metric as never)
      metrics.push(metric)
    }
  } catch (cause) {
    unregister()
    throw new CanaryError(
      'INVALID_NAME',
      'register: the registry already has a metric of this name; register only one exporter, with all rollouts',
      { cause },
    )
  }
  return unregister
}

function clientMetric(
  registry: ClientRegistry,
  family: Family,
  read: (family: Family) => readonly Sample[],
): ClientMetric {
  const { name, help } = family
  const type = family.type === 'signed' ? 'summary' : family.type === 'info' ? 'gauge' : family.type
  const isShared = type === 'gauge' && name !== 'model_canary_pending_requests'
  const aggregator = isShared ? 'first' : 'sum' // a cluster's workers share one rollout; each has its own requests
  return {
    get name() {
      return name
    },
    set name(_) {
      // for OpenMetrics a registry removes `_total` from a counter's name and never restores it
    },
    help,
    type,
    aggregator,
    async get() {
      const isOpenMetrics = registry.contentType.startsWith('application/openmetrics-text')
      const values = read(family).map(({ suffix, labels, value }) => ({
        labels: Object.fromEntries(labels.pairs),
        value,
        ...(suffix !== undefined && { metricName: `${name}${suffix}` }),
      }))
      const familyName = isOpenMetrics && type === 'counter' ? name.replace(/_total$/, '') : name
      return { name: familyName, help, type, aggregator, values }
    },
    reset() {
      // the counts belong to the rollout and cannot be reset here
    },
  }
}
