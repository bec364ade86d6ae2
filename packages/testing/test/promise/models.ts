import { setImmediate as turn } from 'node:timers/promises'
import { type ManualClock, seededRandom } from '@model-canary/testing'
import type { Behaviour } from './behaviours.js'
import type { Ending, Form, Model, Output } from './service.js'

/** How one call goes if it is served by the baseline, and by the canary. Drawn before it is sent. */
interface Fate {
  readonly latencyMs: number
  readonly isError: boolean
  readonly label: string
  readonly score: number
  readonly isStruck: boolean
}

/** What is known of the calls of one rollout. */
export interface PlayedModels {
  readonly baseline: Model
  readonly canary: Model
  /** Draws how the call of this number goes. */
  draw(call: number): void
  /** The calls that have reached a model. */
  readonly entered: ReadonlySet<number>
  /** What a model gave for each call: a text, or the status of its error; missing while it has given nothing. */
  readonly given: ReadonlyMap<number, string | number>
  /** The calls that a model never ends. */
  readonly hung: ReadonlySet<number>
}

/** One of a hundred calls of either version fails. */
const ERROR_SHARE = 0.01
const CHUNKS = 3
const SLOW_FACTOR = 3

const failure = (status: number): Error => Object.assign(new Error(`status ${status}`), { status, statusCode: status })

/** Creates the two models of a rollout. Time passes on `clock`; the canary is struck by `behaviour`. */
export function createModels(
  clock: ManualClock,
  { ending, form, share, seed }: Pick<Behaviour, 'ending'> & { form: Form; share: number; seed: number },
): PlayedModels {
  const random = seededRandom(seed)
  const fates = new Map<number, Fate>()
  const entered = new Set<number>()
  const given = new Map<number, string | number>()
  const hung = new Set<number>()

  const passes = (ms: number): Promise<void> => new Promise((resolve) => void clock.schedule(ms, resolve))

  const give = <What extends string | number>(call: number, what: What): What => {
    given.set(call, what)
    return what
  }

  /** Waits as long as the model takes, for ever if it hangs. Returns the status of its error; `undefined` without one. */
  async function begin(call: number, fate: Fate, struck: Ending | null): Promise<number | undefined> {
    await passes(struck === 'slow' ? fate.latencyMs * SLOW_FACTOR : fate.latencyMs)
    if (struck === 'hang') {
      hung.add(call)
      await new Promise<never>(() => {})
    }
    const status = statusFor(struck) ?? (fate.isError ? 500 : undefined)
    return status === undefined ? undefined : give(call, status)
  }

  async function value(call: number, struck: Ending | null): Promise<Output> {
    const fate = fates.get(call)!
    const status = await begin(call, fate, struck)
    if (status !== undefined) {
      if (form === 'status') return new Response(`status ${status}`, { status })
      throw failure(status)
    }
    const label = struck === 'class' ? 'negative' : fate.label
    const score = struck === 'score' ? fate.score / 2 : fate.score
    const text = give(call, JSON.stringify({ call, label, score }))
    return form === 'status' ? new Response(text) : text
  }

  async function* stream(call: number, struck: Ending | null): AsyncGenerator<string> {
    const status = await begin(call, fates.get(call)!, struck)
    if (status !== undefined) throw failure(status)
    if (struck === 'empty') {
      give(call, '')
      return
    }
    for (let chunk = 0; chunk < CHUNKS; chunk += 1) {
      if (struck === 'break' && chunk === 1) throw failure(give(call, 500))
      yield `${call}.${chunk};`
      await passes(5)
    }
    give(call, Array.from({ length: CHUNKS }, (_, chunk) => `${call}.${chunk};`).join(''))
  }

  const model =
    (isCanary: boolean): Model =>
    (call) => {
      entered.add(call)
      const struck = isCanary && fates.get(call)!.isStruck ? ending : null
      return form === 'stream' ? stream(call, struck) : value(call, struck)
    }

  return {
    baseline: model(false),
    canary: model(true),
    draw: (call) =>
      void fates.set(call, {
        latencyMs: Math.round(100 + 200 * random()),
        isError: random() < ERROR_SHARE,
        label: random() < 0.6 ? 'positive' : 'negative',
        score: 0.5 + 0.5 * random(),
        isStruck: random() < share,
      }),
    entered,
    given,
    hung,
  }
}

const statusFor = (ending: Ending | null): number | undefined =>
  ending === 'throw' ? 500 : ending === '503' || ending === '429' || ending === '422' ? Number(ending) : undefined

/** Waits for a fact about the real world. */
export async function until(what: string, isSo: () => boolean): Promise<void> {
  const startedAt = performance.now()
  while (!isSo()) {
    if (performance.now() - startedAt > 20_000) throw new Error(`waited too long until ${what}`)
    await turn()
  }
}
