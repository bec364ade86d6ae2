import { type EvidenceJudgeOptions, errorRate, evidenceJudge, latency, linearPlan } from '@model-canary/core'
import { type Controller, createController } from '@model-canary/core/controller'
import { createKube, istioTarget, type KubeConnection, kubeStore } from '@model-canary/istio'
import { istioQueries, prometheusSource } from '@model-canary/prometheus'
import { NAMESPACE, ROUTE, SERVICE, STATE, SUBSETS, VERSIONS } from './names.js'

/** The addresses that the controller needs, and how fast the rollout goes. */
export interface Surroundings {
  readonly connection: KubeConnection
  readonly prometheus: string
  readonly minDurationMs?: number
  readonly minRequests?: number
  readonly intervalMs?: number
  /** Until the sidecars have a new weight, requests are still split by the old one. */
  readonly settleMs?: number
  /** The judge's options: its defaults, except in a test. */
  readonly judge?: EvidenceJudgeOptions
}

/** A controller that changes a VirtualService based on Istio's metrics, and keeps its state in a ConfigMap. */
export function meshController(surroundings: Surroundings): Controller {
  const { connection, prometheus, minDurationMs = 300_000, minRequests = 1_000, intervalMs = 15_000 } = surroundings
  const { settleMs = 10_000, judge } = surroundings
  const kube = createKube(connection)
  return createController({
    name: SERVICE,
    versions: VERSIONS,
    plan: linearPlan([10, 25, 50, 100], { minDurationMs, minRequests }),
    guardrails: [errorRate({ margin: 0.02 }), latency({ marginMs: 50 })],
    judge: evidenceJudge(judge),
    warmUp: { weight: 2, durationMs: minDurationMs },
    bake: { durationMs: minDurationMs },
    maxDurationMs: 86_400_000, // a day: a canary of which nothing is heard does not stay for ever
    onStall: 'rollback',
    intervalMs,
    source: prometheusSource({
      url: prometheus,
      queries: istioQueries({ namespace: NAMESPACE, service: SERVICE, versions: VERSIONS }),
      settleMs,
    }),
    target: istioTarget({
      kube,
      namespace: NAMESPACE,
      virtualService: SERVICE,
      route: ROUTE,
      host: SERVICE,
      subsets: SUBSETS,
      destinationRule: {
        name: SERVICE,
        labels: { baseline: { version: VERSIONS.baseline }, canary: { version: VERSIONS.canary } },
      },
    }),
    store: kubeStore({ kube, namespace: NAMESPACE, name: STATE }),
  })
}
