// Outputs whose distribution changes although no class and no mean moves by its margin.
import { gaussian, labels } from './draws.mjs'
import { bad, good } from './scenario.mjs'
import { versionOf } from './version.mjs'

const THIRTY = Array.from({ length: 30 }, (_, at) => [`label-${at}`, 1 / 30])

/** Every other class occurs more often by the factor 1 + `by`, the rest less often by 1 − `by`. */
const moved = (by) =>
  labels(Object.fromEntries(THIRTY.map(([name, share], at) => [name, share * (at % 2 ? 1 - by : 1 + by)])))

const predicting = (baseline, canary) => () => ({
  requestsPerSecond: 50,
  baseline: versionOf({ predict: baseline }),
  canary: versionOf({ predict: canary }),
})

const rare = (share) => labels({ rare: share, positive: 0.6 - share, negative: 0.4 })

/** A score with a mean of 0.5 and this deviation. */
const scored = (deviation) => {
  const call = versionOf()
  return (context) => ({ ...call(context), score: 0.5 + deviation * gaussian(context.random) })
}

const scores = (deviation) => () => ({ requestsPerSecond: 50, baseline: scored(0.1), canary: scored(deviation) })

const CLASSES = { group: 'shifts', guardrails: ['errorRate', 'predictions'] }
const SCORES = { group: 'shifts', guardrails: ['errorRate', 'scores'] }

/** @type {readonly import('./scenario.mjs').Scenario[]} */
export const SHIFTS = [
  good('thirty-classes', 'thirty classes, the same', predicting(moved(0), moved(0)), CLASSES),
  good('thirty-classes-inside', 'thirty classes, a total variation of .05', predicting(moved(0), moved(0.1)), CLASSES),
  bad('thirty-classes-moved', 'thirty classes, half ×1.5 and half ×.5', predicting(moved(0), moved(0.5)), {
    ...CLASSES,
    reach: { exposed: 300 },
  }),
  bad('class-vanishes', 'a class of 0.5 % vanishes', predicting(rare(0.005), rare(0)), {
    ...CLASSES,
    reach: { exposed: 2_000 },
  }),
  bad('two-classes', 'classes 60/40 → 80/20', predicting(labels({ a: 0.6, b: 0.4 }), labels({ a: 0.8, b: 0.2 })), {
    ...CLASSES,
    reach: { exposed: 170 },
  }),
  good('scores', 'scores, the same', scores(0.1), SCORES),
  bad('scores-spread', 'scores with the same mean, deviation .10 → .25', scores(0.25), {
    ...SCORES,
    reach: { exposed: 150 },
  }),
]
