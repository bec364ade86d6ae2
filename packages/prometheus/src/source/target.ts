import type { Series } from './series.js'

/** The labels by which Prometheus, or Kubernetes, tells one process from another. */
const IDENTITY = ['job', 'instance', 'namespace', 'pod', 'pod_name', 'kubernetes_pod_name', 'container', 'host', 'node']

/** What was scraped for a series, as far as its labels tell: the series of one process have the same; `''` where none tells. */
export function targetOf({ labels }: Series): string {
  const own = labels.filter(([name]) => IDENTITY.includes(name))
  return own.length === 0 ? '' : JSON.stringify(own)
}
