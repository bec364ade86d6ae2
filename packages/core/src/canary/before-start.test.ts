import { manualClock } from '@model-canary/testing'
import { expect, it, vi } from 'vitest'
import { isCanaryError } from '../foundation/errors.js'
import type { Judge } from '../judging/judge.js'
import { thresholdJudge } from '../judging/threshold-judge.js'
import { hold } from '../rollout/plan.js'
import { withOverride } from '../routing/override.js'
import { stickyStrategy } from '../routing/sticky.js'
import type { Strategy } from '../routing/strategy.js'
import { plainForm, type Strata } from '../summaries/strata.js'
import { createCanary } from './create-canary.js'

const WINDOW_MS = 15_000

const sticky = await stickyStrategy({ salt: 's' })

/** A canary whose judge collects every generation of strata. */
function canaryWith(strategy: Strategy | Promise<Strategy>) {
  const clock = manualClock()
  const generations: (Strata | null)[] = []
  const judge: Judge = {
    ...thresholdJudge(),
    learn: {
      windowMs: WINDOW_MS,
      update: () => null,
      strata: {
        formDue: () => plainForm,
        add(_, generation) {
          generations.push(generation)
          return null
        },
        freeze: () => null,
      },
    },
  }
  const canary = createCanary({
    name: 'sentiment',
    versions: { baseline: 'v1', canary: 'v2' },
    ...{ clock, strategy, judge, plan: hold(50), warmUp: { durationMs: 0 }, logger: false },
  })
  /** Serves one call of each of 40 users, and ends the window. */
  const serve = async () => {
    for (let user = 0; user < 40; user++) canary.begin({ key: `user-${user}` }).end()
    await clock.advance(WINDOW_MS)
  }
  return { canary, clock, generations, serve }
}

const finished = (strata: Strata | null | undefined) => strata?.finished.reduce((sum, count) => sum + count, 0)

it.each<[string, Strategy | Promise<Strategy>]>([
  ['a strategy', sticky],
  ['the promise of one', Promise.resolve(sticky)],
])('users have their buckets before start(), after it and between rollouts: %s', async (_, strategy) => {
  const { canary, clock } = canaryWith(strategy)
  await clock.advance(0)
  const ann = { key: 'ann' }
  const bucket = sticky.bucketOf(ann)
  expect(canary.assign(ann)).toMatchObject({ variant: 'baseline', reason: 'disabled', bucket })
  await canary.start()
  await clock.advance(0)
  expect(canary.assign(ann)).toMatchObject({ reason: 'split', bucket })
  await canary.rollback()
  expect(canary.assign(ann)).toMatchObject({ variant: 'baseline', reason: 'disabled', bucket })
  await canary.close()
})

it('the judge gets the strata of the calls that the baseline served alone, from the first call on', async () => {
  const { canary, clock, generations, serve } = canaryWith(Promise.resolve(sticky))
  await clock.advance(0)
  await serve()
  await serve()
  expect(generations.map(finished)).toEqual([41]) // the first call of the second window ends the first one
  expect(generations[0]?.finished.flatMap((count, stratum) => (count > 0 ? [stratum] : []))).toEqual(
    [...new Set(Array.from({ length: 40 }, (_, user) => stratumOf(`user-${user}`)))].sort((a, b) => a - b),
  )
  await canary.start()
  await clock.advance(0)
  for (let window = 0; window < 3; window++) await serve()
  expect(generations.slice(1).map(finished)).toEqual([39, undefined, undefined])
  await canary.close()
})

const stratumOf = (key: string): number => Math.floor(sticky.bucketOf({ key })! / 100)

it('a call that an override would force is in no stratum, and is served by the baseline', async () => {
  const { canary, generations, serve } = canaryWith(withOverride(sticky, () => 'canary'))
  await serve()
  await serve()
  expect(canary.assign({ key: 'ann' })).toMatchObject({ variant: 'baseline', reason: 'disabled' })
  expect(generations).toEqual([null])
  await canary.close()
})

it('a promise that rejects is reported by start(), and costs no request before', async () => {
  const unhandled = vi.fn()
  process.on('unhandledRejection', unhandled)
  const { canary, clock, serve } = canaryWith(Promise.reject(new Error('no salt')))
  await clock.advance(0)
  await serve()
  await new Promise(setImmediate)
  process.off('unhandledRejection', unhandled)
  expect(unhandled).not.toHaveBeenCalled()
  const refused = await canary.start().catch((error: unknown) => error)
  expect(isCanaryError(refused, 'INVALID_STRATEGY')).toBe(true)
  await canary.close()
})

it('a promise of anything but a strategy is reported by start(), and costs no request before', async () => {
  const { canary, clock, serve } = canaryWith(Promise.resolve({ name: 'none' } as never))
  await clock.advance(0)
  await serve()
  await expect(canary.start()).rejects.toThrow('INVALID_STRATEGY')
  await canary.close()
})
