// The controller: in the cluster as it is, elsewhere with KUBECONFIG and PROMETHEUS_URL.
import { inCluster, kubeconfig } from '@model-canary/istio'
import { controlUntil } from './control-until.js'
import { meshController } from './rollout.js'

const { KUBECONFIG, PROMETHEUS_URL = 'http://prometheus.istio-system:9090' } = process.env

const connection = KUBECONFIG === undefined ? inCluster() : kubeconfig()
const controller = meshController({ connection, prometheus: PROMETHEUS_URL })
const stop = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort())

controller.on('step', ({ to, weight }) => console.log(`step ${to}: ${weight} %`))
controller.on('alert', ({ about, message }) => console.error(`${about}: ${message}`))
controller.on('internal-error', ({ error }) => console.error(error.message))
await controlUntil(controller, stop.signal, console)
