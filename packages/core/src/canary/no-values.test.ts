import { manualClock, seededRandom } from '@model-canary/testing'
import { describe, expect, it } from 'vitest'
import type { Guardrail } from '../guardrails/guardrail.js'
import { errorRate } from '../guardrails/kinds/error-rate.js'
import { metric } from '../guardrails/kinds/metric.js'
import { predictionShift } from '../guardrails/kinds/prediction-shift.js'
import { scoreShift } from '../guardrails/kinds/score-shift.js'
import { randomStrategy } from '../routing/random.js'
import type { ServingOptions } from '../serving/models.js'
import { createCanary } from './create-canary.js'

/** A canary that goes to 50 % and is judged by its errors and another guardrail. */
function createValued(guardrail: Guardrail) {
  const clock = manualClock()
  const canary = createCanary({
    name: 'values',
    versions: { baseline: 'v1', canary: 'v2' },
    strategy: randomStrategy({ random: seededRandom(1) }),
    plan: [50, 100],
    warmUp: { durationMs: 0 },
    guardrails: [errorRate(), guardrail],
    logger: false,
    clock,
  })
  return { canary, clock }
}

/** Returns the alerts about guardrails during one minute at 20 requests a second, and the canary's finished requests. */
async function toldOf(guardrail: Guardrail, options: ServingOptions<[], number>) {
  const { canary, clock } = createValued(guardrail)
  const told: { message: string; canaryRequests: number }[] = []
  canary.on('alert', ({ about, message }) => {
    if (about === 'guardrails') told.push({ message, canaryRequests: canary.metrics().v2.requestCount })
  })
  const predict = canary.wrap({ baseline: () => 1, canary: () => 1 }, options)
  await canary.start()
  for (let second = 0; second < 60; second++) {
    for (let call = 0; call < 20; call++) predict()
    await clock.advance(1_000)
  }
  return told
}

describe('a guardrail that no value reaches', () => {
  it.each<[what: string, Guardrail, ServingOptions<[], number>, cause: string]>([
    [
      'a metric that is spelt otherwise',
      metric('convertion', { direction: 'must-not-fall', margin: 1 }),
      { metricsOf: () => ({ conversion: true }) },
      'is "convertion" spelt as metricsOf',
    ],
    ['a score that nobody reads', scoreShift({ margin: 1 }), {}, 'does scoreOf return a number?'],
    ['a class that nobody reads', predictionShift({ margin: 0.1 }), {}, 'does predictionOf return a class?'],
  ])('is told of once, by name and with the likely cause: %s', async (_, guardrail, options, cause) => {
    const told = await toldOf(guardrail, options)
    expect(told).toHaveLength(1)
    expect(told[0]!.message).toContain(`${guardrail.name}: no value came with `)
    expect(told[0]!.message).toContain(cause)
    expect(told[0]!.canaryRequests).toBeGreaterThanOrEqual(100)
  })

  it('causes no alert after a value has arrived', async () => {
    const guardrail = metric('conversion', { direction: 'must-not-fall', margin: 1 })
    expect(await toldOf(guardrail, { metricsOf: () => ({ conversion: true }) })).toEqual([])
  })
})

describe('a guardrail with few values of the canary', () => {
  it('holds the step that would end, and is told: the other answers are not compared', async () => {
    const { canary, clock } = createValued(predictionShift({ margin: 0.1 }))
    const random = seededRandom(2)
    const told: string[] = []
    canary.on('alert', ({ message }) => void told.push(message))
    let share = 0.1
    const models = { baseline: () => 'yes', canary: () => (random() < share ? 'yes' : '') }
    const predict = canary.wrap(models, { predictionOf: (answer) => answer || undefined })
    const serve = async (seconds: number) => {
      for (let second = 0; second < seconds && canary.status().state !== 'promoted'; second++) {
        for (let call = 0; call < 20; call++) predict()
        await clock.advance(1_000)
      }
      return canary.status().state
    }
    await canary.start()
    expect(await serve(1_800)).toBe('progressing')
    expect(told).toEqual([
      expect.stringMatching(/^predictionShift: .* of the canary's answers have a value, and 100 %/),
    ])
    expect(canary.explain()).toContain("of the canary's answers have a value")
    share = 1
    expect(await serve(3_600)).toBe('promoted')
    await canary.close()
  })
})
