import { equal, ok } from 'node:assert/strict'
import type { RoutingRequest, Strategy } from '@model-canary/core'
import { isCanaryError, type Variant } from '@model-canary/core'
import { type ContractRunner, registerContract, type SkippedRule } from './contract.js'
import { seededRandom } from './seeded-random.js'

/** Creates the strategy under test. A random one draws from `random`, so that all runs are the same. */
export type MakeStrategy = (context: { readonly random: () => number }) => Strategy | Promise<Strategy>

export interface StrategyContractOptions {
  /** Whether a key always gets the same variant. Without it, the strategy's own `unit` decides. */
  readonly sticky?: boolean
  /** The rules that do not hold for this strategy, each with its reason. */
  readonly skip?: readonly SkippedRule<StrategyRule>[]
}

/** What every strategy promises: the names of the tests. */
export type StrategyRule =
  | 'never picks the canary at weight 0'
  | 'always picks the canary at weight 100'
  | 'picks one of the two variants, whatever the request'
  | 'says what its unit is'
  | 'picks the same variant for a key again, in every instance'
  | 'only ever adds keys to the canary when the weight rises'
  | 'gives the canary its share'

const KEYS = Array.from({ length: 400 }, (_, index) => `user-${index}`)

const RISING_WEIGHTS = [0, 0.01, 0.5, 1, 2.5, 5, 10, 25, 50, 75, 90, 99, 99.99, 100]

const SHARES = [0.5, 10, 33.33, 50, 99]

const REQUESTS_PER_SHARE = 20_000

/** Rare requests of real services, which must not break a strategy. */
const ODD_REQUESTS: readonly RoutingRequest[] = [
  {},
  { key: undefined },
  { key: '' },
  { key: ' \t\n\u0000' },
  { key: '名前-ключ-🐤' },
  { key: '__proto__' },
  { key: 'k'.repeat(1_024) },
  { attributes: {} },
  { key: 'user-1', attributes: Object.create(null) as Record<string, unknown> },
]

/** Keys that a strategy must either refuse with `INVALID_KEY` or answer. */
const HOSTILE_KEYS = ['user-\ud800', 'k'.repeat(100_000)]

/**
 * The tests that every strategy must pass, for vitest, jest and node:test.
 *
 * @example
 * import { it } from 'vitest'
 * strategyContract({ it }, 'my strategy', () => myStrategy(), { sticky: true })
 */
export function strategyContract(
  runner: ContractRunner,
  name: string,
  make: MakeStrategy,
  { sticky, skip = [] }: StrategyContractOptions = {},
): void {
  const fresh = async () => make({ random: seededRandom(1) })

  registerContract<StrategyRule>(
    runner,
    `${name} strategy contract`,
    {
      'never picks the canary at weight 0': async () => {
        const strategy = await fresh()
        for (const request of [...KEYS.map((key) => ({ key })), ...ODD_REQUESTS])
          expectPick(strategy, request, 0, 'baseline')
      },
      'always picks the canary at weight 100': async () => {
        const strategy = await fresh()
        for (const key of KEYS) expectPick(strategy, { key }, 100, 'canary')
      },
      'picks one of the two variants, whatever the request': async () => {
        const strategy = await fresh()
        for (const weight of RISING_WEIGHTS) {
          for (const request of ODD_REQUESTS) expectVariant(strategy, request, weight)
          for (const key of HOSTILE_KEYS) expectVariantOrRefusal(strategy, { key }, weight)
        }
      },
      'says what its unit is': async () => {
        const { unit } = await fresh()
        ok(unit === 'key' || unit === 'request', `the unit is ${String(unit)}, neither "key" nor "request"`)
        if (sticky !== undefined) equal(unit, sticky ? 'key' : 'request', 'the unit does not agree with "sticky"')
      },
      'picks the same variant for a key again, in every instance': async () => {
        const [strategy, other] = [await fresh(), await fresh()]
        if (!isSticky(strategy, sticky)) return
        for (const weight of [10, 50]) {
          const first = KEYS.map((key) => strategy.pick({ key }, weight))
          KEYS.forEach((key, index) => {
            expectPick(strategy, { key }, weight, first[index]!)
            expectPick(other, { key }, weight, first[index]!)
          })
        }
      },
      'only ever adds keys to the canary when the weight rises': async () => {
        const strategy = await fresh()
        if (!isSticky(strategy, sticky)) return
        for (const key of KEYS) {
          const picks = RISING_WEIGHTS.map((weight) => strategy.pick({ key }, weight))
          const joinedAt = picks.indexOf('canary')
          const leftAt = joinedAt < 0 ? -1 : picks.indexOf('baseline', joinedAt)
          ok(leftAt < 0, `${key} left the canary when the weight rose to ${RISING_WEIGHTS[leftAt]}`)
        }
      },
      'gives the canary its share': async () => {
        for (const weight of SHARES) expectShare(await fresh(), weight)
      },
    },
    skip,
  )
}

function isSticky(strategy: Strategy, declared: boolean | undefined): boolean {
  return declared ?? strategy.unit === 'key'
}

/** Within four standard deviations of the share. A correct strategy fails once in 16,000 times, a seeded one never. */
function expectShare(strategy: Strategy, weight: number): void {
  let canaries = 0
  for (let index = 0; index < REQUESTS_PER_SHARE; index++) {
    if (strategy.pick({ key: `share-${index}` }, weight) === 'canary') canaries += 1
  }
  const share = weight / 100
  const tolerance = 4 * Math.sqrt(REQUESTS_PER_SHARE * share * (1 - share))
  ok(
    Math.abs(canaries - REQUESTS_PER_SHARE * share) <= tolerance,
    `at weight ${weight}, ${canaries} of ${REQUESTS_PER_SHARE} requests went to the canary`,
  )
}

function expectPick(strategy: Strategy, request: RoutingRequest, weight: number, expected: Variant): void {
  equal(strategy.pick(request, weight), expected, `${ask(request, weight)} must pick ${expected}`)
}

function expectVariant(strategy: Strategy, request: RoutingRequest, weight: number): void {
  const picked: unknown = strategy.pick(request, weight)
  const isVariant = picked === 'baseline' || picked === 'canary'
  ok(isVariant, `${ask(request, weight)} picked ${String(picked)}, which is no variant`)
}

function expectVariantOrRefusal(strategy: Strategy, request: RoutingRequest, weight: number): void {
  try {
    expectVariant(strategy, request, weight)
  } catch (error) {
    if (!isCanaryError(error, 'INVALID_KEY')) throw error
  }
}

function ask(request: RoutingRequest, weight: number): string {
  return `pick(${JSON.stringify(request).slice(0, 60)}, ${weight})`
}
