import {
  errorRate,
  type Guardrail,
  latency,
  predictionShift,
  rejectedRate,
  scoreShift,
  tailLatency,
  unansweredRate,
} from '@model-canary/core'
import type { Ending, Form, Limit } from './service.js'

/** What a canary does, and what has to come of it. */
export interface Behaviour {
  /** How a struck call ends; `null` for a canary that is as good as the baseline. */
  readonly ending: Ending | null
  /** In which forms its service may answer. */
  readonly forms: readonly Form[]
  /** How often calls are struck. */
  readonly shares: readonly number[]
  /** A time limit of the service, which answers in place of a model that hangs. */
  readonly limit?: Limit
  /** After how long the client of an unanswered call leaves, in milliseconds. */
  readonly leavesAfterMs?: number
  /** @default 30 */
  readonly requestsPerSecond?: number
  /** The guardrails, where those of the default cannot see it. */
  readonly guardrails?: readonly Guardrail[]
  /** What the reason of the rollback has to name. */
  readonly blames?: RegExp
}

const ANY: readonly Form[] = ['value', 'stream']
const ALL_OR_SOME = [1, 0.1] as const
const UNANSWERED = /unanswered/
const defaults = (): readonly Guardrail[] => [errorRate(), latency(), unansweredRate(), rejectedRate()]
const quickstart = (): readonly Guardrail[] => [
  errorRate({ margin: 0.02 }),
  unansweredRate({ margin: 0.02 }),
  latency({ marginMs: 50 }),
  predictionShift({ margin: 0.1 }),
]

const hangs = (over: Partial<Behaviour> = {}): Behaviour => ({
  ending: 'hang',
  forms: ANY,
  shares: ALL_OR_SOME,
  blames: UNANSWERED,
  ...over,
})

const fails = (ending: Ending, over: Partial<Behaviour> = {}): Behaviour => ({
  ending,
  forms: ANY,
  shares: ALL_OR_SOME,
  blames: /error rate/,
  ...over,
})

/** All behaviours, by name. */
export const BEHAVIOURS = {
  'is equal': { ending: null, forms: ['value', 'stream', 'status'], shares: [0] },
  'is equal, by the quickstart’s guardrails': { ending: null, forms: ['value'], shares: [0], guardrails: quickstart() },
  throws: fails('throw'),
  'throws, by the quickstart’s guardrails': fails('throw', { forms: ['value'], guardrails: quickstart() }),
  'answers 503 without throwing': fails('503', { forms: ['status'] }),
  'is overloaded (429)': fails('429'),
  'refuses (422)': fails('422', { blames: /rejected/, shares: [1, 0.3] }),
  'hangs for ever': hangs(),
  'hangs, and the client leaves': hangs({ leavesAfterMs: 2_000 }),
  'hangs in busy traffic, and the client leaves': hangs({
    leavesAfterMs: 2_000,
    requestsPerSecond: 300,
    shares: [0.1],
    forms: ['value'],
  }),
  'hangs behind a race': hangs({ limit: 'race', forms: ['value', 'status'] }),
  'hangs behind a limit of the framework': hangs({ limit: 'framework', forms: ['value', 'status'] }),
  'hangs behind a limit of the server': hangs({
    limit: 'server',
    forms: ['value', 'status'],
    blames: /error rate/, // this side closed the response
  }),
  'is slow': fails('slow', { blames: /latency/, shares: [1] }),
  'has a slow tail': fails('slow', {
    blames: /tailLatency/,
    shares: [0.1],
    guardrails: [...defaults(), tailLatency()],
  }),
  'fails in the middle of a stream': fails('break', { forms: ['stream'] }),
  'ends a stream without output': fails('empty', { forms: ['stream'], blames: UNANSWERED }),
  'answers with other classes': fails('class', {
    forms: ['value'],
    shares: [1, 0.3],
    guardrails: [...defaults(), predictionShift()],
    blames: /predict|share of/,
  }),
  'answers with other scores': fails('score', {
    forms: ['value'],
    shares: [1],
    guardrails: [...defaults(), scoreShift({ margin: 0.05 })],
    blames: /score/,
  }),
} as const satisfies Readonly<Record<string, Behaviour>>

export type BehaviourName = keyof typeof BEHAVIOURS

/** A behaviour by its name, with every member of the type. */
export const behaviourOf = (name: BehaviourName): Behaviour => BEHAVIOURS[name]
