import { manualClock } from '@model-canary/testing'
import { expect, it } from 'vitest'
import type { ModelError } from '../foundation/vocabulary.js'
import { linearPlan } from '../rollout/plan.js'
import { createCanary } from './create-canary.js'

it('names in a rollback the errors of its own rollout, not those of one before', async () => {
  const clock = manualClock()
  const canary = createCanary({
    name: 'sentiment',
    versions: { baseline: 'v1', canary: 'v2' },
    strategy: { name: 'always', unit: 'request', pick: () => 'canary' },
    ...{ clock, plan: linearPlan([50, 100]), warmUp: { durationMs: 0 }, logger: false },
  })
  const told: (readonly ModelError[] | undefined)[] = []
  canary.on('rolled-back', ({ errors }) => void told.push(errors))
  const fail = (message: string) => {
    const raise = () => {
      throw new Error(message)
    }
    expect(() => canary.wrap({ baseline: raise, canary: raise })()).toThrow(message)
  }
  const error = (message: string) => ({ message, count: 1, lastAt: expect.any(Number) })

  await canary.start()
  await clock.advance(0)
  fail('no weights file')
  await canary.rollback()
  expect(canary.status().errors.canary).toEqual([error('no weights file')])
  await canary.retry()
  await clock.advance(0)
  expect(canary.status().errors.canary).toEqual([])
  await canary.rollback()
  await canary.retry()
  await clock.advance(0)
  fail('out of memory')
  fail('no weights file')
  await canary.rollback()

  expect(told).toEqual([[error('no weights file')], undefined, [error('no weights file'), error('out of memory')]])
})
