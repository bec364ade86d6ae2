import { CanaryError } from '@model-canary/core'
import type { Family, Sample } from './family.js'

/** A registry of `prom-client` 15 or `@prometheus-io/client` 0.16, by its shape. */
export interface ClientRegistry {
  readonly contentType: string
  registerMetric(metric: never): void
  getSingleMetric(name: string): unknown
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
 * Registers every family, or none; the returned function takes out what was put in.
 *
 * @throws `INVALID_NAME` where the registry has a metric of one of these names already
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
      'register: the registry has a metric of one of these names; register one exporter, once: it takes several rollouts',
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
  const aggregator = isShared ? 'first' : 'sum' // the workers of a cluster have one rollout, and requests of their own
  return {
    get name() {
      return name
    },
    set name(_) {
      // in the OpenMetrics form a registry takes `_total` off a counter's name, and would not put it back
    },
    help,
    type,
    aggregator,
    async get() {
      const isOpenMetrics = registry.contentType.startsWith('application/openmetrics-text')
      const values = read(family).map(({ suffix, labels, value }) => ({
        labels: Object.fromEntries(labels),
        value,
        ...(suffix !== undefined && { metricName: `${name}${suffix}` }),
      }))
      const familyName = isOpenMetrics && type === 'counter' ? name.replace(/_total$/, '') : name
      return { name: familyName, help, type, aggregator, values }
    },
    reset() {
      // the counts are the rollout's own
    },
  }
}
