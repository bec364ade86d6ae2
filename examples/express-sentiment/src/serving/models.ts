import type { Servable } from '@model-canary/express'
import type { Answer, Model, ModelPair } from '../models/model.js'
import type { Question } from './question.js'

/** The two versions, as every answer names them. */
export const VERSIONS = { baseline: 'v1', canary: 'v2' } as const

/** An answer with the name of the version that gave it. */
export interface ServedAnswer extends Answer {
  readonly version: (typeof VERSIONS)[keyof typeof VERSIONS]
}

type Served = ServedAnswer | Promise<ServedAnswer>

/** How long a model may take before the baseline answers instead. */
const TIMEOUT_MS = 1_000

/** The models as the canary runs them, and which parts of their answers it watches. */
export function servable({ baseline, canary }: ModelPair): Servable<[Question], Served, Served> {
  return {
    baseline: signed(baseline, VERSIONS.baseline),
    canary: signed(canary, VERSIONS.canary),
    fallback: true,
    timeoutMs: TIMEOUT_MS,
    predictionOf: ({ prediction }) => prediction,
    scoreOf: ({ confidence }) => confidence,
    metricsOf: ({ prediction }, { label }) => (label === undefined ? undefined : { accuracy: prediction === label }),
  }
}

/** A synchronous model stays synchronous, because a promise would cost more than AFINN itself. */
function signed(model: Model, version: ServedAnswer['version']): (question: Question) => Served {
  return ({ text }) => {
    const answer = model(text)
    return 'then' in answer ? answer.then((late) => ({ ...late, version })) : { ...answer, version }
  }
}
