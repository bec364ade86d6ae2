import { type Moments, noMoments } from '../../metrics/moments.js'
import { type ArmStory, arm } from '../arm.fixture.js'
import type { Guardrail } from '../guardrail.js'
import type { Block, StepContext } from '../judge.js'
import { logAlarm } from './alarm.js'
import { beginEvidence, type Evidence } from './evidence.js'
import { addWindow, noPast, type Past } from './past.js'
import { resolvePolicy } from './policy.js'
import type { Question } from './question.js'
import { type Strand, startThread, type Thread } from './thread.js'

/** The policy of a judge that was given no options. */
export const policy = resolvePolicy()

/** The plan's first step of five, at 10 %, unless told otherwise. */
export function contextOf(guardrails: readonly Guardrail[], rest: Partial<StepContext> = {}): StepContext {
  return {
    guardrails,
    epoch: 1,
    step: 1,
    stepsLeft: 4,
    weight: 10,
    phase: 'step',
    calibration: { baseline: null },
    ...rest,
  }
}

/** A block from what the arms did in it. */
export function blockOf(baseline: ArmStory, canary: ArmStory, elapsedMs = 15_000): Block {
  return { baseline: arm(baseline), canary: arm(canary), elapsedMs }
}

/** A window of 800 requests, one in a hundred of them failing and one in ten slow. */
export const ordinary: ArmStory = {
  requests: 800,
  errors: 8,
  slow: [80, 200],
  predictions: { cat: 500, dog: 300 },
  score: { count: 800, sum: 400, sumOfSquares: 232 }, // mean ½, variance 0.04
  metrics: { conversion: { count: 800, sum: 160, sumOfSquares: 160 } },
}

/** The same in a canary's tenth of it. */
export const alike: ArmStory = {
  requests: 80,
  slow: [8, 200],
  predictions: { cat: 50, dog: 30 },
  score: { count: 80, sum: 40, sumOfSquares: 23.2 },
  metrics: { conversion: { count: 80, sum: 16, sumOfSquares: 16 } },
}

/** A baseline that was watched for so many windows before the rollout. */
export function pastOf(
  guardrails: readonly Guardrail[],
  windows = 60,
  story: (window: number) => ArmStory = () => ordinary,
): Past {
  let past = noPast()
  for (let window = 0; window < windows; window += 1) past = addWindow(past, arm(story(window)), guardrails, null)
  return past
}

/** A thread of which a test says only what matters. */
export function threadOf(question: Question, rest: Partial<Thread> = {}): Thread {
  return { ...startThread(question, noMoments), ...rest }
}

/** So many yes among so many trials. */
export const yes = (sum: number, count: number): Moments => ({ count, sum, sumOfSquares: sum })

/** How many of `n` independent trials succeed, by inversion: exact for `n·p` below 600. */
export function binomial(random: () => number, n: number, p: number): number {
  if (p > 0.5) return n - binomial(random, n, 1 - p)
  const odds = p / (1 - p)
  let chance = (1 - p) ** n
  let left = random()
  let x = 0
  while (left > chance && x < n) {
    left -= chance
    chance *= (odds * (n - x)) / (x + 1)
    x += 1
  }
  return x
}

/** What a rate that was found in so many repetitions may be at most, where it truly is `rate`: three standard errors more. */
export const atMost = (rate: number, repetitions: number): number =>
  rate + 3 * Math.sqrt((rate * (1 - rate)) / repetitions)

/** What evidence of a step is made to say, guardrail by guardrail: logarithms, the same for every alternative and side. */
export interface Said {
  readonly harm?: readonly number[]
  readonly safety?: readonly number[]
  readonly fresh?: readonly number[]
  readonly rest?: Partial<Evidence>
}

/** Evidence of a step in which enough was seen, and in which nothing but the safety of the canary was, unless told otherwise. */
export function evidenceOf(context: StepContext, { harm = [], safety = [], fresh = [], rest }: Said = {}): Evidence {
  const { guardrails } = context
  const calibration = { ...context.calibration, past: pastOf(guardrails) }
  const begun = beginEvidence({ ...context, calibration }, policy)
  const counts = { baseline: 900, canary: 100 }
  const strandOf = ({ harm: harms, safety: safeties, fresh: own }: Strand, at: number): Strand => ({
    harm: harms.map(() => harm[at] ?? Math.log(0.5)),
    safety: safeties.map(() => safety[at] ?? 20),
    fresh: own.map(() => fresh[at] ?? 10),
  })
  const threads = begun.threads.map((list, at) =>
    list.map((thread) => ({ ...thread, strands: thread.strands.map((strand) => strandOf(strand, at)) })),
  )
  const seen = { ...begun, threads, elapsedMs: 300_000, stepElapsedMs: 60_000, begun: counts, ended: counts }
  return { ...seen, alarm: logAlarm(seen, guardrails), ...rest }
}
