import { describe, expect, it } from 'vitest'
import { createCanary } from '../canary/create-canary.js'
import type { CanaryErrorCode } from '../foundation/errors.js'
import { linearPlan } from '../rollout/plan.js'
import type { Target } from '../rollout/ports.js'
import { createWorld } from './controller.fixture.js'
import type { ControllerOptions } from './controller-options.js'

const apply = async () => {}
const refusal = (code: CanaryErrorCode, words = '') =>
  expect.objectContaining({ code, message: expect.stringContaining(words) })

type Course = Pick<ControllerOptions, 'plan' | 'warmUp' | 'bake'>

/** Both ways to give a rollout a target. */
const makers: readonly (readonly [name: string, make: (target: Target, course?: Course) => unknown])[] = [
  ['createController', (target, course) => createWorld().make({ target, ...course })],
  [
    'createCanary',
    (target, course) =>
      createCanary({
        name: 'sentiment',
        versions: { baseline: 'v1', canary: 'v2' },
        plan: linearPlan([10, 50, 100]),
        target,
        ...course,
      }),
  ],
]

describe.each(makers)('a target with a precision, given to %s,', (_, make) => {
  it.each<[what: string, precision: number | undefined, course: Course]>([
    ['of whole percent takes whole weights', 1, {}],
    ['of ten percent takes tens', 10, { warmUp: { durationMs: 0 } }],
    ['of half a percent takes halves', 0.5, { plan: linearPlan([2.5, 7.5, 100]), warmUp: { weight: 0.5 } }],
    [
      'of a hundredth takes what no double holds',
      0.01,
      { plan: linearPlan([0.07, 0.29, 100]), warmUp: { weight: 0.03 } },
    ],
    [
      'that is not told takes hundredths',
      undefined,
      { plan: linearPlan([0.07, 99.99, 100]), warmUp: { weight: 0.01 } },
    ],
    ['of all or nothing takes a plan of one step', 100, { plan: linearPlan([100]), warmUp: { durationMs: 0 } }],
    ['of five takes a holdback of five', 5, { warmUp: { weight: 5 }, bake: { holdbackPercent: 5 } }],
  ])('%s', (_, precision, course) => {
    expect(() => make({ apply, ...(precision === undefined ? {} : { precision }) }, course)).not.toThrow()
  })

  it.each<[what: string, precision: number, course: Course, where: string]>([
    ['a finer first step', 1, { plan: linearPlan([0.5, 50, 100]), warmUp: { durationMs: 0 } }, 'step 1 has 0.5 %'],
    [
      'a finer step in the middle',
      10,
      { plan: linearPlan([10, 25, 100]), warmUp: { durationMs: 0 } },
      'step 2 has 25 %',
    ],
    ['a finer warm-up', 5, { warmUp: { weight: 2 } }, 'the warm-up has 2 %'],
    ['the warm-up that comes by default', 5, { warmUp: {} }, 'the warm-up has 2 %'],
    ['a finer holdback', 5, { warmUp: { weight: 5 }, bake: { holdbackPercent: 3 } }, 'step 3 has 97 %'],
    [
      'a promotion that is no multiple, though the bake is one',
      30,
      { plan: linearPlan([30, 60, 100]), warmUp: { durationMs: 0 }, bake: { holdbackPercent: 10 } },
      'step 3 has 100 %',
    ],
    [
      'a last step that is no multiple',
      30,
      { plan: linearPlan([30, 100]), warmUp: { durationMs: 0 } },
      'step 2 has 100 %',
    ],
  ])('refuses %s, and says which', (_, precision, course, where) => {
    const make_ = () => make({ apply, precision }, course)
    expect(make_).toThrow(refusal('INVALID_WEIGHT', where))
    expect(make_).toThrow(refusal('INVALID_WEIGHT', `multiples of ${precision}`))
  })

  it('says which option to change if the weight of the bake is no multiple', () => {
    const plan = { plan: linearPlan([25, 50, 100]), warmUp: { durationMs: 0 } }
    const withHoldback = (holdbackPercent: number) => () =>
      make({ apply, precision: 25 }, { ...plan, bake: { holdbackPercent } })
    expect(withHoldback(10)).toThrow(refusal('INVALID_WEIGHT', 'step 3 has 90 %'))
    expect(withHoldback(10)).toThrow(refusal('INVALID_WEIGHT', 'change bake.holdbackPercent, or set it to 0'))
    expect(withHoldback(25)).not.toThrow()
    expect(withHoldback(0)).not.toThrow()
  })

  it.each([Number.NaN, 0, -1, 0.001, 101, Number.POSITIVE_INFINITY, 'a', '1', null, {}, [1]])(
    'refuses %o for one',
    (precision) => {
      expect(() => make({ apply, precision: precision as unknown as number }, { warmUp: { durationMs: 0 } })).toThrow(
        refusal('INVALID_OPTION', 'target.precision'),
      )
    },
  )

  it.each<[wrong: unknown, words: string]>([
    [{}, 'target must be an object with apply; apply is missing'],
    [{ apply: 'x' }, 'target.apply must be a function, got "x"'],
    [null, 'target must be an object with apply, got null'],
    ['mesh', 'target must be an object with apply, got "mesh"'],
    [apply, 'target must be an object with apply, got'], // a function has an `apply` of its own
  ])('refuses %o, which cannot apply', (wrong, words) => {
    expect(() => make(wrong as Target)).toThrow(refusal('INVALID_OPTION', words))
  })
})

describe('a target that splits the traffic itself', () => {
  const [[, withController], [, withCanary]] = makers as [(typeof makers)[0], (typeof makers)[1]]

  it('is what a controller is for', () => {
    expect(() => withController({ apply, splitsTraffic: true })).not.toThrow()
  })

  it('is refused by a canary, which would split it again, with a way out', () => {
    expect(() => withCanary({ apply, splitsTraffic: true })).toThrow(refusal('DOUBLE_SPLIT', 'createController'))
  })

  it('is refused before its precision is looked at', () => {
    expect(() => withCanary({ apply, splitsTraffic: true, precision: 50 })).toThrow(refusal('DOUBLE_SPLIT'))
  })

  it.each([false, undefined])('is accepted by a canary if it has splitsTraffic %o', (splitsTraffic) => {
    expect(() => withCanary({ apply, ...(splitsTraffic === undefined ? {} : { splitsTraffic }) })).not.toThrow()
  })
})
