import type { Status } from '@model-canary/core'
import { ROLLOUT_STATUSES, WAITS } from '@model-canary/core/controller'
import type { Family, Labels, Sample } from './family.js'
import type { Scrape } from './scrape.js'

/** Where the rollout stands. */
export const rolloutFamilies: readonly Family[] = [
  {
    name: 'model_canary_info',
    type: 'info',
    help: 'The versions of a rollout and its mode.',
    read: ({ labels, versions, status }) => [
      {
        labels: [
          ...labels,
          ['baseline', versions.baseline],
          ['canary', versions.canary],
          ...(status === undefined ? [] : ([['mode', status.mode]] as const)),
        ],
        value: 1,
      },
    ],
  },
  {
    name: 'model_canary_weight_ratio',
    type: 'gauge',
    unit: 'ratio',
    help: 'Share of the traffic that the canary is to get, from 0 to 1.',
    read: one(({ weight }) => weight / 100),
  },
  {
    name: 'model_canary_step',
    type: 'gauge',
    help: 'Step of the plan: 0 is the warm-up.',
    read: one(({ step }) => step),
  },
  {
    name: 'model_canary_epoch',
    type: 'gauge',
    help: 'Life of the rollout: 0 is before the first start. A new one begins its counters at 0.',
    read: one(({ epoch }) => epoch),
  },
  {
    name: 'model_canary_state',
    type: 'gauge',
    help: 'State of the rollout: 1 for the present one, 0 for all others.',
    read: ofStatus((labels, { state }) => oneOfSet(labels, 'state', ROLLOUT_STATUSES, state)),
  },
  {
    name: 'model_canary_waiting',
    type: 'gauge',
    help: 'What keeps the rollout in its step: 1 for that, 0 for all else.',
    read: ofStatus((labels, { waitingFor }) => oneOfSet(labels, 'for', WAITS, waitingFor)),
  },
  {
    name: 'model_canary_enabled',
    type: 'gauge',
    help: 'Kill switch: 0 where every request goes to the baseline.',
    read: one(({ enabled }) => Number(enabled)),
  },
  {
    name: 'model_canary_drifted',
    type: 'gauge',
    help: 'Whether somebody else changed the weight at the target: 1 until it is as decided again.',
    read: one(({ drift }) => Number(drift !== null && drift !== undefined)),
  },
]

/** Reads samples of the status, where there is one. */
export function ofStatus(
  read: (labels: Labels, status: Status) => readonly Sample[],
): (scrape: Scrape) => readonly Sample[] {
  return ({ labels, status }) => (status === undefined ? [] : read(labels, status))
}

/** One sample for each word of a closed set, of which at most one is 1. */
export function oneOfSet(
  labels: Labels,
  name: string,
  words: readonly string[],
  present: string | null,
): readonly Sample[] {
  return words.map((word) => ({ labels: [...labels, [name, word]], value: Number(word === present) }))
}

function one(read: (status: Status) => number): Family['read'] {
  return ofStatus((labels, status) => [{ labels, value: read(status) }])
}
