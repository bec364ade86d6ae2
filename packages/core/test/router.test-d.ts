import { describe, expectTypeOf, it } from 'vitest'
import type { Assignment, AssignmentReason } from '../src/foundation/vocabulary.js'
import { withOverride } from '../src/routing/override.js'
import { randomStrategy } from '../src/routing/random.js'
import { createRouter, type Router } from '../src/routing/router.js'
import { stickyStrategy } from '../src/routing/sticky.js'
import type { BucketStrategy, OverrideStrategy, Strategy } from '../src/routing/strategy.js'

const versions = { baseline: 'v1', canary: 'v2' } as const

describe('createRouter', () => {
  it('infers the versions from the options', () => {
    const router = createRouter({ versions: { baseline: 'v1', canary: 'v2' } })
    expectTypeOf(router).toEqualTypeOf<Router<'v1' | 'v2'>>()
    expectTypeOf(router.assign()).toEqualTypeOf<Assignment<'v1' | 'v2'>>()
    expectTypeOf(router.assign().version).toEqualTypeOf<'v1' | 'v2'>()
  })

  it('takes versions that are known only at run time', () => {
    const [baseline, canary]: string[] = ['v1', 'v2']
    const router = createRouter({ versions: { baseline: baseline ?? '', canary: canary ?? '' } })
    expectTypeOf(router.assign().version).toEqualTypeOf<string>()
  })

  it('closes the reasons', () => {
    expectTypeOf<AssignmentReason>().toEqualTypeOf<'split' | 'override' | 'no-key' | 'disabled' | 'strategy-error'>()
  })

  it('refuses a strategy that is asynchronous, a promise, or answers with a version', () => {
    const name = 'custom'
    const unit = 'request'
    // @ts-expect-error a strategy is synchronous
    createRouter({ versions, strategy: { name, unit, pick: async () => 'canary' as const } })
    // @ts-expect-error a strategy returns a variant
    createRouter({ versions, strategy: { name, unit, pick: () => 'v2' } })
    // @ts-expect-error a strategy says what it randomises
    createRouter({ versions, strategy: { name, pick: () => 'canary' as const } })
    // @ts-expect-error a sticky strategy must be awaited first
    createRouter({ versions, strategy: stickyStrategy({ salt: '' }) })
  })

  it('refuses a missing version and a misspelt option', () => {
    // @ts-expect-error the canary has no version
    createRouter({ versions: { baseline: 'v1' } })
    // @ts-expect-error there is no such option
    createRouter({ versions, wieght: 10 })
    // @ts-expect-error there is no such part of a split
    createRouter({ versions }).apply({ percent: 10 })
  })
})

describe('stickyStrategy', () => {
  it('needs a salt', () => {
    // @ts-expect-error without a salt two rollouts would pick the same people
    stickyStrategy({})
    expectTypeOf(stickyStrategy({ salt: '' })).resolves.toEqualTypeOf<BucketStrategy>()
  })
})

describe('withOverride', () => {
  const forced = () => undefined

  it('gives a strategy for a strategy, and a promise for a promise', () => {
    expectTypeOf(withOverride(randomStrategy(), forced)).toEqualTypeOf<OverrideStrategy>()
    expectTypeOf(withOverride(stickyStrategy({ salt: '' }), forced)).toEqualTypeOf<Promise<OverrideStrategy>>()
    expectTypeOf(withOverride(withOverride(stickyStrategy({ salt: '' }), forced), forced)).toEqualTypeOf<
      Promise<OverrideStrategy>
    >()
  })

  it('gives either where it is not known which', () => {
    const either = randomStrategy() as Strategy | Promise<Strategy>
    expectTypeOf(withOverride(either, forced)).toEqualTypeOf<OverrideStrategy | Promise<OverrideStrategy>>()
  })

  it('refuses to force anything but a variant', () => {
    // @ts-expect-error a version is not a variant
    withOverride(randomStrategy(), () => 'v2')
  })
})
