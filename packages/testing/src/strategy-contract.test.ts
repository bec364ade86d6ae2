import type { Strategy } from '@model-canary/core'
import {
  CanaryError,
  randomStrategy as coreRandomStrategy,
  stickyStrategy as coreStickyStrategy,
  exactStrategy,
  type Variant,
  withOverride,
} from '@model-canary/core'
import { describe, expect, it, test } from 'vitest'
import type { RegisterTest } from './contract.js'
import { type MakeStrategy, type StrategyContractOptions, strategyContract } from './strategy-contract.js'

/** FNV-1a, stretched by a multiplication: enough of a hash for a strategy in a test. */
function bucket(key: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < key.length; index++) hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193)
  return Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) >>> 0
}

const within = (position: number, weight: number): Variant => (position * 100 < weight ? 'canary' : 'baseline')

const sticky = (pick: Strategy['pick']): Strategy => ({ name: 'inline', unit: 'key', pick })

const stickyStrategy = () => sticky(({ key = '' }, weight) => within(bucket(key) / 2 ** 32, weight))

const randomStrategy: MakeStrategy = ({ random }) => ({
  name: 'inline',
  unit: 'request',
  pick: (_request, weight) => within(random(), weight),
})

describe('under vitest', () => {
  strategyContract({ it }, 'sticky', stickyStrategy, { sticky: true })
  strategyContract({ test }, 'random', randomStrategy, { sticky: false })
  strategyContract({ it }, 'sticky that is made in a while', async () => stickyStrategy())
})

describe('the strategies of core', () => {
  strategyContract({ it }, 'random', ({ random }) => coreRandomStrategy({ random }), { sticky: false })
  strategyContract({ it }, 'exact', () => exactStrategy(), { sticky: false })
  strategyContract({ it }, 'sticky', () => coreStickyStrategy({ salt: 'contract' }), { sticky: true })
  strategyContract(
    { it },
    'sticky with an override that forces nobody',
    async () => withOverride(await coreStickyStrategy({ salt: '' }), () => undefined),
    { sticky: true },
  )
})

/** Runs the contract on a runner of three lines and names the rules that fail. */
async function failuresOf(make: MakeStrategy, options?: StrategyContractOptions): Promise<string[]> {
  const bodies = new Map<string, () => Promise<void>>()
  const register = (name: string, body: () => Promise<void>) => void bodies.set(name.replace(/^.*contract: /, ''), body)
  strategyContract({ it: Object.assign(register, { skip: () => {} }) }, 'broken', make, options)

  const failures: string[] = []
  for (const [rule, body] of bodies) await body().catch(() => failures.push(rule))
  return failures
}

describe('strategyContract', () => {
  it('passes a right strategy on any runner', async () => {
    expect(await failuresOf(stickyStrategy)).toEqual([])
    expect(await failuresOf(randomStrategy)).toEqual([])
  })

  it('fails a strategy that lets a few through at weight 0', async () => {
    const leaky = () => sticky(({ key = '' }, weight) => within(bucket(key) / 2 ** 32, Math.max(weight, 2)))
    expect(await failuresOf(leaky)).toContain('never picks the canary at weight 0')
  })

  it('fails a strategy that keeps a few back at weight 100', async () => {
    const timid = () => sticky(({ key = '' }, weight) => within(bucket(key) / 2 ** 32, Math.min(weight, 98)))
    expect(await failuresOf(timid)).toContain('always picks the canary at weight 100')
  })

  it('fails a strategy that draws again whenever the weight changes', async () => {
    const redrawn = () => sticky(({ key = '' }, weight) => within(bucket(`${weight}:${key}`) / 2 ** 32, weight))
    expect(await failuresOf(redrawn)).toEqual(['only ever adds keys to the canary when the weight rises'])
  })

  it('fails a strategy that says key and decides by chance', async () => {
    const moody: MakeStrategy = ({ random }) => sticky((_request, weight) => within(random(), weight))
    expect(await failuresOf(moody)).toContain('picks the same variant for a key again, in every instance')
  })

  it('fails a strategy whose instances do not agree', async () => {
    let instances = 0
    const salted = () => {
      const salt = `${(instances += 1)}`
      return sticky(({ key = '' }, weight) => within(bucket(salt + key) / 2 ** 32, weight))
    }
    expect(await failuresOf(salted)).toEqual(['picks the same variant for a key again, in every instance'])
  })

  it('fails a strategy that drops the fraction of a weight', async () => {
    const coarse = () => sticky(({ key = '' }, weight) => within(bucket(key) / 2 ** 32, Math.floor(weight)))
    expect(await failuresOf(coarse)).toEqual(['gives the canary its share'])
  })

  it('fails a strategy that takes the weight for a fraction', async () => {
    const generous: MakeStrategy = ({ random }) => ({
      name: 'inline',
      unit: 'request',
      pick: (_request, weight) => (random() < weight ? 'canary' : 'baseline'),
    })
    expect(await failuresOf(generous)).toEqual(['gives the canary its share'])
  })

  it('fails a strategy that throws when there is no key', async () => {
    const fragile = () => sticky(({ key }, weight) => within(bucket(key!.trim()) / 2 ** 32, weight))
    expect(await failuresOf(fragile)).toContain('picks one of the two variants, whatever the request')
  })

  it('lets a strategy refuse a key that cannot be hashed, with INVALID_KEY and nothing else', async () => {
    const refusing = (error: Error) => () =>
      sticky(({ key = '' }, weight) => {
        if (key.length > 1_024 || !key.isWellFormed()) throw error
        return within(bucket(key) / 2 ** 32, weight)
      })
    expect(await failuresOf(refusing(new CanaryError('INVALID_KEY', 'pass a shorter one')))).toEqual([])
    expect(await failuresOf(refusing(new RangeError('too long')))).toEqual([
      'picks one of the two variants, whatever the request',
    ])
  })

  it('fails a strategy that answers with a version', async () => {
    const misnamed = () => sticky(() => 'v2' as Variant)
    expect(await failuresOf(misnamed)).toContain('picks one of the two variants, whatever the request')
  })

  it('fails a strategy whose unit is not what is declared', async () => {
    expect(await failuresOf(randomStrategy, { sticky: true })).toContain('says what its unit is')
    expect(await failuresOf(stickyStrategy, { sticky: false })).toEqual(['says what its unit is'])
  })

  it('shows a skipped rule with its reason, and does not run it', () => {
    const shown: string[] = []
    const register: RegisterTest = Object.assign(() => {}, { skip: (name: string) => void shown.push(name) })
    const skip = [{ test: 'gives the canary its share', reason: 'admits employees only' }] as const
    strategyContract({ it: register }, 'picky', stickyStrategy, { skip })
    expect(shown).toEqual(['picky strategy contract: gives the canary its share (skipped: admits employees only)'])
  })

  it('refuses a skip that names no rule or gives no reason', () => {
    const register = Object.assign(() => {}, { skip: () => {} })
    const skipping = (test: string, reason: string) => () =>
      strategyContract({ it: register }, 'picky', stickyStrategy, { skip: [{ test, reason }] as never })
    expect(skipping('gives the canary a share', 'renamed')).toThrow('gives the canary its share')
    expect(skipping('gives the canary its share', '')).toThrow('say why')
  })
})
