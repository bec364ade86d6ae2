import type { Series } from './series.js'

/** The labels that identify a process in Prometheus and Kubernetes. */
const IDENTITY = ['job', 'instance', 'namespace', 'pod', 'pod_name', 'kubernetes_pod_name', 'container', 'host', 'node']

/** Returns the target of a series, the same for all series of a process; `''` if no label identifies it. */
export function targetOf({ labels }: Series): string {
  const own = labels.filter(([name]) => IDENTITY.includes(name))
  return own.length === 0 ? '' : JSON.stringify(own)
}
