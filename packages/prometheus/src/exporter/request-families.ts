import { type Family, joined, type Sample } from './family.js'
import type { Labels } from './labels.js'
import type { Scrape, ScrapedArm } from './scrape.js'

const OUTCOMES = ['success', 'error', 'timeout', 'aborted', 'rejected', 'ignored'] as const

/** The families of finished and pending requests of each arm. */
export const requestFamilies: readonly Family[] = [
  {
    name: 'model_canary_requests_total',
    type: 'counter',
    help: 'Finished requests by outcome. If the client left, the outcome is aborted, which is not an error.',
    read: eachArm(({ labels, summary }) =>
      OUTCOMES.map((outcome) => ({ labels: labels.and('outcome', outcome), value: summary.outcomes[outcome] })),
    ),
  },
  {
    name: 'model_canary_decided_requests_total',
    type: 'counter',
    help: 'Requests that were answered, ended without an answer, or became overdue. Each counts once.',
    read: eachArm(({ labels, summary }) => [{ labels, value: summary.answers.decided }]),
  },
  {
    name: 'model_canary_unanswered_requests_total',
    type: 'counter',
    help: 'Decided requests whose callers got no answer.',
    read: eachArm(({ labels, summary }) => [{ labels, value: summary.answers.unanswered }]),
  },
  {
    name: 'model_canary_pending_requests',
    type: 'gauge',
    help: 'Requests in progress.',
    read: eachArm(({ labels, summary }) => [
      { labels, value: summary.pendingBins.reduce((total, [, count]) => total + count, 0) },
    ]),
  },
]

/** Returns a function that reads the same samples of every arm. */
export function eachArm(read: (arm: ScrapedArm) => readonly Sample[]): (scrape: Scrape) => readonly Sample[] {
  return ({ arms }) => joined(arms.map(read))
}

/** Returns the samples of a count and a sum. `scale` is the number of the moments' units in one of the family's. */
export function countAndSum(
  labels: Labels,
  { count, sum }: { readonly count: number; readonly sum: number },
  scale = 1,
): readonly Sample[] {
  return [
    { suffix: '_count', labels, value: count },
    { suffix: '_sum', labels, value: sum / scale },
  ]
}
