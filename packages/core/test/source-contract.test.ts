import { createCanary, linearPlan, thresholdJudge, type Variant } from '@model-canary/core'
import type { MetricsSource } from '@model-canary/core/controller'
import { manualClock, type SourcePlace, sourceContract } from '@model-canary/testing'
import { afterEach, it, vi } from 'vitest'
import * as assembly from '../src/controller/assemble-controller.js'

const closers: (() => Promise<void>)[] = []
vi.mock('../src/controller/assemble-controller.js', { spy: true })
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
  vi.clearAllMocks()
})

/** A canary that serves calls, and the source that it passes to its controller. */
function servingCanary() {
  const clock = manualClock()
  const canary = createCanary({
    name: 'sentiment',
    versions: { baseline: 'v1', canary: 'v2' },
    plan: linearPlan([50, 100]),
    warmUp: { durationMs: 0 },
    judge: thresholdJudge(),
    strategy: { name: 'as told', unit: 'request', pick: ({ attributes }) => attributes?.to as Variant },
    clock,
  })
  closers.push(canary.close)
  const { source } = vi.mocked(assembly.assembleController).mock.lastCall![0]
  return { canary, clock, source: source as MetricsSource }
}

/** The first process serves. A second process that opens the source has served nothing. */
function canaryPlace(): SourcePlace {
  const processes = [servingCanary()]
  const { canary, clock, source } = processes[0]!
  const record = (variant: Variant, outcome: 'success' | 'error', count: number): void => {
    for (let call = 0; call < count; call += 1) canary.begin({ attributes: { to: variant } }).end({ outcome })
  }
  let isOpened = false
  return {
    open() {
      if (isOpened) return servingCanary().source
      isOpened = true
      return source
    },
    async nextWindow() {
      if (canary.status().state === 'idle') await canary.start()
      else {
        await canary.rollback({ reason: 'the next window' })
        await canary.retry({ reason: 'the next window' })
      }
      await clock.advance(0) // lets the first look of the step end
      const { epoch, step } = canary.status()
      return { epoch, step, visit: 2, openedAt: 0 } // the warm-up, which lasts 0 ms, is the first stay
    },
    serve(calls) {
      for (const variant of ['baseline', 'canary'] as const) {
        record(variant, 'success', calls[variant].success)
        record(variant, 'error', calls[variant].error)
      }
    },
  }
}

const inMemory = 'it reads what is in this process'
const register = Object.assign((name: string, body: () => Promise<void>) => it(name, body), { skip: () => {} })

sourceContract({ it: register }, 'createCanary', canaryPlace, {
  skip: [
    { test: 'rejects where the counts cannot be read', reason: inMemory },
    { test: 'ends a read whose signal is aborted', reason: inMemory },
  ],
})
