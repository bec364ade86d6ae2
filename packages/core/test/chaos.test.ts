import { createCanary, errorRate, linearPlan } from '@model-canary/core'
import { manualClock, seededRandom } from '@model-canary/testing'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { chaoticStore, FAULTS } from './store-chaos.js'

/** The number of seeds: few in CI, more with `CHAOS_RUNS`. */
const RUNS = Number(process.env.CHAOS_RUNS ?? 8)
const FIRST = Number(process.env.CHAOS_SEED ?? 1)

const SECOND = 1_000

/** The maximum number of store calls within ten seconds. */
const MOST_CALLS = 80

/**
 * One rollout with a store that fails in many ways, and a canary that breaks at some time. Resolves to the broken
 * rules.
 */
async function run(seed: number): Promise<string[]> {
  const random = seededRandom(seed)
  vi.spyOn(Math, 'random').mockImplementation(seededRandom(seed + 1_000_000)) // pauses and splits are drawn by the seed too
  const clock = manualClock()
  const store = chaoticStore(random)
  const broken: string[] = []
  const canary = createCanary({
    name: 'sentiment',
    versions: { baseline: 'v1', canary: 'v2' },
    plan: linearPlan([50, 100], { minDurationMs: 3_600 * SECOND }),
    warmUp: { durationMs: 0 },
    guardrails: [errorRate()],
    ...(random() < 0.5 && { tripwire: false as const }),
    store,
    clock,
  })
  let isBad = false
  let faultFor = 0
  let isChaos = false
  const calls: number[] = []

  const second = async (): Promise<void> => {
    if (isChaos && faultFor <= 0) {
      store.fault = random() < 0.2 ? null : FAULTS[Math.floor(random() * FAULTS.length)]!
      faultFor = 1 + Math.floor(20 * random())
      await store.lose()
    }
    faultFor -= 1
    for (let request = 0; request < 100; request += 1) {
      const flight = canary.begin()
      flight.end({ outcome: isBad && flight.variant === 'canary' ? 'error' : 'success' })
    }
    await clock.advance(SECOND)
    calls.push(store.calls)
    const inTen = store.calls - (calls.at(-11) ?? 0)
    if (inTen > MOST_CALLS) broken.push(`${inTen} calls of the store in 10 s`)
  }
  const pass = async (seconds: number, each = () => {}) => {
    for (let at = 0; at < seconds; at += 1) {
      await second()
      each()
    }
  }

  await pass(400) // the baseline alone
  await canary.start()
  await clock.advance(0)
  await pass(60)
  isChaos = true
  await pass(5 + Math.floor(60 * random()))
  if (canary.status().weight !== 50) broken.push(`${canary.status().weight} % and not 50 before anything was wrong`)

  const isByHand = random() < 0.3
  if (isByHand) void canary.rollback().catch(() => {})
  else isBad = true
  await pass(isByHand ? 0 : 2)
  const { epoch } = canary.status()
  const isDown = () => canary.status().state === 'rolled-back' && canary.assign().variant === 'baseline'
  if (!isDown()) broken.push(`${canary.status().state} after 2 s of harm`)
  await pass(120, () => {
    if (!isDown() || canary.status().epoch !== epoch) broken.push(`undone: ${canary.status().state}`)
  })

  isChaos = false
  store.fault = null
  await store.relist()
  await pass(60, () => {
    if (!isDown()) broken.push('undone after the faults')
  })
  const kept = await store.kept()
  if (kept !== undefined && kept.head.state.state !== 'rolled-back')
    broken.push(`the store holds ${kept.head.state.state}`)
  if (store.largestWrite > 262_144) broken.push(`${store.largestWrite} bytes in one write`)
  await Promise.all([canary.close(), clock.advance(3 * SECOND)])
  if (clock.pending > 0) broken.push(`${clock.pending} timers after close()`)
  return [...new Set(broken)].map((what) => `seed ${seed}: ${what}`)
}

describe('a rollout over a store that fails in every way', () => {
  it(`acts on harm within 2 s, is never undone, asks the store seldom and for little, in ${RUNS} runs`, {
    timeout: 60_000 + RUNS * 10_000,
  }, async () => {
    const broken: string[] = []
    onTestFinished(() => void vi.restoreAllMocks())
    for (let seed = FIRST; seed < FIRST + RUNS; seed += 1) broken.push(...(await run(seed)))
    expect(broken).toEqual([])
  })
})
