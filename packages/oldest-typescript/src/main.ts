// Compiled and never run. Every "expect-error" fails to compile where a package's types are not found and all is `any`.

import type { RoutingKey } from '@model-canary/core'
import { type CanaryOptions, createCanary, errorRate, stickyStrategy } from '@model-canary/core'
import { requestCanary } from '@model-canary/core/adapter'
import { folderStore } from '@model-canary/core/folder-store'
import { webhook } from '@model-canary/core/webhook'
import { verifyWebhook } from '@model-canary/core/webhook-receiver'
import { canaryMiddleware as expressMiddleware } from '@model-canary/express'
import { canaryPlugin } from '@model-canary/fastify'
import { istioTarget } from '@model-canary/istio'
import { canaryMiddleware as koaMiddleware } from '@model-canary/koa'
import { canaryProvider } from '@model-canary/openfeature'
import { openTelemetryObserver } from '@model-canary/opentelemetry'
import { prometheusExporter } from '@model-canary/prometheus'
import { redisStore } from '@model-canary/redis'
import { manualClock } from '@model-canary/testing'

export const options: CanaryOptions = { name: 'x', versions: { baseline: 'v1', canary: 'v2' } }
export const key: RoutingKey = 42
export const guardrails = [errorRate({ margin: 0.01 })]

const canary = createCanary({
  name: 'x',
  versions: { baseline: 'v1', canary: 'v2' },
  strategy: stickyStrategy({ salt: 's' }),
  clock: manualClock(),
})
const model = async (text: string) => ({ label: text })
const predict = canary.wrap({ baseline: model, canary: model }, { key: (text) => text.length })

export async function label(): Promise<string> {
  const { label } = await predict('x')
  // @ts-expect-error a label is a string
  const wrong: number = label
  return wrong ? label : canary.metrics().v2.requestCount.toFixed()
}

// @ts-expect-error there is no such version
canary.metrics().v3
// @ts-expect-error no response and no options
requestCanary(canary)
// @ts-expect-error no url
webhook({})
// @ts-expect-error no path
folderStore()
// @ts-expect-error no secret
verifyWebhook({ headers: {}, body: '' })
// @ts-expect-error a typo
expressMiddleware(canary, { kye: () => 'ann' })
// @ts-expect-error a typo
koaMiddleware(canary, { kye: () => 'ann' })
// @ts-expect-error a typo
canaryPlugin(canary, { kye: () => 'ann' })
// @ts-expect-error no canary
canaryProvider(1)
// @ts-expect-error no canary
prometheusExporter(1)
// @ts-expect-error no name
openTelemetryObserver({})
// @ts-expect-error no route
istioTarget({})
// @ts-expect-error no name
redisStore({ call: async () => [] }, {})
