import type { it as nodeIt, test as nodeTest } from 'node:test'
import { describe, expectTypeOf, it, type test } from 'vitest'
import type { ContractRunner } from './contract.js'
import { strategyContract } from './strategy-contract.js'

describe('ContractRunner', () => {
  it('is met by vitest', () => {
    expectTypeOf<{ it: typeof it }>().toExtend<ContractRunner>()
    expectTypeOf<{ test: typeof test }>().toExtend<ContractRunner>()
  })

  it('is met by node:test', () => {
    expectTypeOf<{ it: typeof nodeIt }>().toExtend<ContractRunner>()
    expectTypeOf<{ test: typeof nodeTest }>().toExtend<ContractRunner>()
  })

  it('knows the rules that can be skipped', () => {
    const make = () => ({ name: 'never', unit: 'key', pick: () => 'baseline' }) as const
    // @ts-expect-error: no rule is called like this
    strategyContract({ it }, 'never', make, { skip: [{ test: 'gives a share', reason: 'renamed' }] })
  })
})
