import { type Canary, createCanary, linearPlan, type Outcome, type Variant } from '@model-canary/core'
import { type ManualClock, manualClock, seededRandom } from '@model-canary/testing'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { HOSTILE } from './hostile-values.fixture.js'

/** The number of cases; `MODEL_CANARY_FUZZ_CASES=100000` sets a larger one. Every failure prints the seed. */
const CASES = Number(process.env.MODEL_CANARY_FUZZ_CASES ?? 600)
const SEED = Number(process.env.MODEL_CANARY_FUZZ_SEED ?? 1)

const MAX_FLIGHT_MS = 5_000

const NAMES = Object.keys(HOSTILE)

/** Options whose functions return hostile values. */
const ASKED = [
  'key',
  'attributes',
  'predictionOf',
  'scoreOf',
  'metricsOf',
  'completionOf',
  'classify',
  'validate',
] as const

const WAYS = [
  {},
  { fallback: true },
  { fallback: true, timeoutMs: 5_000, firstChunkTimeoutMs: 5_000 },
  { predictionOf: String, scoreOf: Number, metricsOf: (output: unknown) => output },
] as const

const unhandled: unknown[] = []
const note = (reason: unknown) => void unhandled.push(reason)

beforeEach(() => {
  process.on('unhandledRejection', note)
})
afterEach(() => {
  process.off('unhandledRejection', note)
})

const turn = async (): Promise<void> => {
  for (let turns = 0; turns < 2; turns++) await new Promise(setImmediate)
}

async function opened(arm: Variant, more: object = {}): Promise<{ canary: Canary; clock: ManualClock }> {
  const clock = manualClock()
  const canary = createCanary({
    name: 'hostile',
    versions: { baseline: 'v1', canary: 'v2' },
    plan: linearPlan([50, 100], { minDurationMs: 86_400_000 }),
    strategy: { name: 'one', unit: 'request', pick: () => arm },
    warmUp: { durationMs: 0 },
    tripwire: false,
    maxFlightMs: MAX_FLIGHT_MS,
    clock,
    ...more,
  })
  await canary.start()
  await clock.advance(0)
  return { canary, clock }
}

const openIn = (canary: Canary): number =>
  Object.values(canary.metrics()).reduce((sum, { inFlight }) => sum + inFlight, 0)

/** Uses an output as a caller does, and returns the result as a word. */
async function used(call: () => unknown): Promise<{ said: string; isRead: boolean }> {
  let isRead = false
  try {
    const output = await call()
    if (typeof output !== 'object' || output === null) return { said: typeof output, isRead: true }
    const chunks = 'next' in output || Symbol.asyncIterator in output ? (output as AsyncIterable<unknown>) : undefined
    if (chunks === undefined) return { said: 'an object', isRead }
    isRead = true
    let count = 0
    for await (const _chunk of chunks) if (++count === 3) break
    return { said: `${count} chunks`, isRead }
  } catch {
    return { said: 'an error', isRead: true }
  }
}

/** A model's output: the caller gets the same as without a canary, nothing is unhandled, and nothing stays open. */
async function output(make: () => unknown, arm: Variant, way: object, isAsync: boolean): Promise<readonly string[]> {
  const model = isAsync ? async () => make() : make
  const direct = await used(model)
  await turn()
  const natural = unhandled.splice(0).length
  const { canary, clock } = await opened(arm)
  const mayBeReplaced = arm === 'canary' && 'fallback' in way
  const models = arm === 'canary' ? { baseline: () => 'fallback', canary: model } : { baseline: model, canary: model }
  const through = await used(canary.wrap(models as never, way as never) as () => unknown)
  await turn()
  const faults: string[] = []
  if (through.said !== direct.said && !mayBeReplaced) faults.push(`gives ${through.said} instead of ${direct.said}`)
  if (unhandled.splice(0).length > natural) faults.push('a rejection is unhandled')
  if (through.isRead && openIn(canary) > 0) faults.push('a call that is over stays open')
  await clock.advance(3 * MAX_FLIGHT_MS)
  if (openIn(canary) > 0) faults.push('a call stays open for ever')
  await canary.close()
  return faults
}

/** A value returned by a user's function: the caller still gets the model's answer. */
async function answer(make: () => unknown, arm: Variant, option: (typeof ASKED)[number]): Promise<readonly string[]> {
  const { canary, clock } = await opened(arm)
  const model = async () => 'answer'
  const got = await used(canary.wrap({ baseline: model, canary: model }, { [option]: make } as never))
  await turn()
  const faults: string[] = []
  if (got.said !== 'string') faults.push(`${option}: the caller gets ${got.said}`)
  if (unhandled.splice(0).length > 0) faults.push(`${option}: a rejection is unhandled`)
  await clock.advance(3 * MAX_FLIGHT_MS)
  if (openIn(canary) > 0) faults.push(`${option}: the call stays open`)
  await canary.close()
  return faults
}

/** Listeners and observers: they stop nothing. */
async function listener(make: () => unknown, arm: Variant): Promise<readonly string[]> {
  const logger = { info: make, warn: make, error: make }
  const { canary } = await opened(arm, { observers: [{ began: make, ended: make }], logger })
  for (const name of ['decision', 'step', 'alert', 'internal-error', 'model-error'] as const) canary.on(name, make)
  const got = await used(canary.wrap({ baseline: async () => 'answer', canary: async () => 'answer' }))
  await canary.pause()
  await turn()
  const faults = got.said === 'string' ? [] : [`a listener: the caller gets ${got.said}`]
  if (unhandled.splice(0).length > 0) faults.push('a listener: a rejection is unhandled')
  await canary.close()
  return faults
}

/** A call that is reported manually: nothing throws, and the flight ends. */
async function result(make: () => unknown, arm: Variant): Promise<readonly string[]> {
  const value = make()
  const { canary } = await opened(arm)
  for (const name of ['outcome', 'prediction', 'score', 'metrics', 'blockedMs']) {
    canary.begin().end({ [name]: value } as { outcome: Outcome })
  }
  canary.begin().end(value as never)
  canary.begin(value as never).end()
  canary.begin({ key: value as never, attributes: value as never }).abort(value)
  canary.record(value as never)
  canary.track({ variant: arm, reason: 'split', epoch: 1, step: 1 }, value as never)
  await turn()
  unhandled.splice(0) // a promise that is handed over as plain data is its maker's
  const faults = openIn(canary) > 0 ? ['a flight that was ended stays open'] : []
  JSON.stringify([canary.status(), canary.explain(), canary.metrics()])
  await canary.close()
  return faults
}

it(`bears with ${CASES} hostile values: no request fails, nothing is unhandled, nothing stays open`, async () => {
  const random = seededRandom(SEED)
  const oneOf = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)]!
  const through: string[] = []
  const tried = { output: 0, answer: 0, listener: 0, result: 0 }
  for (let number = 0; number < CASES; number++) {
    const name = NAMES[number % NAMES.length]! // each comes, whatever the seed
    const [make, arm] = [HOSTILE[name]!, oneOf(['baseline', 'canary'] as const)]
    const sort = oneOf(['output', 'output', 'answer', 'listener', 'result'] as const)
    tried[sort] += 1
    const trying = {
      output: () => output(make, arm, oneOf(WAYS), random() < 0.5),
      answer: () => answer(make, arm, oneOf(ASKED)),
      listener: () => listener(make, arm),
      result: () => result(make, arm),
    }[sort]
    const faults = await trying().catch((error: unknown) => [`${sort} throws: ${String(error)}`])
    for (const fault of faults) through.push(`case ${number} of seed ${SEED}, ${arm}, ${sort}, ${name}: ${fault}`)
  }
  if (process.env.MODEL_CANARY_FUZZ_CASES) {
    process.stdout.write(`hostile values: ${JSON.stringify(tried)} tried, ${through.length} got through\n`)
  }
  expect(through).toEqual([])
}, 3_600_000)
