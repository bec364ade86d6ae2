import type { Status } from '@model-canary/core'
import { ROLLOUT_STATES, WAITS } from '@model-canary/core/controller'
import type { Family, Sample } from './family.js'
import type { Labels } from './labels.js'
import type { Scrape } from './scrape.js'

/** The families of a rollout's status. */
export const rolloutFamilies: readonly Family[] = [
  {
    name: 'model_canary_info',
    type: 'info',
    help: 'The versions of a rollout and its mode.',
    read({ labels, versions, status }) {
      const both = labels.and('baseline', versions.baseline).and('canary', versions.canary)
      return [{ labels: status === undefined ? both : both.and('mode', status.mode), value: 1 }]
    },
  },
  {
    name: 'model_canary_weight_ratio',
    type: 'gauge',
    unit: 'ratio',
    help: 'Share of the traffic decided for the canary, from 0 to 1.',
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
    help: 'Epoch of the rollout: 0 is before the first start. Counters start at 0 in each epoch.',
    read: one(({ epoch }) => epoch),
  },
  {
    name: 'model_canary_state',
    type: 'gauge',
    help: 'State of the rollout: 1 for the present state, 0 for all others.',
    read: ofStatus((labels, { state }) => oneOfSet(labels, 'state', ROLLOUT_STATES, state)),
  },
  {
    name: 'model_canary_waiting',
    type: 'gauge',
    help: 'What the rollout waits for: 1 for the present reason, 0 for all others.',
    read: ofStatus((labels, { waitingFor }) => oneOfSet(labels, 'for', WAITS, waitingFor)),
  },
  {
    name: 'model_canary_enabled',
    type: 'gauge',
    help: 'Kill switch: 0 if every request goes to the baseline.',
    read: one(({ enabled }) => Number(enabled)),
  },
  {
    name: 'model_canary_drifted',
    type: 'gauge',
    help: 'Drift: 1 while the weight at the target was changed by somebody else.',
    read: one(({ drift }) => Number(drift !== null && drift !== undefined)),
  },
]

/** Returns a function that reads samples from the status; none if there is no status. */
export function ofStatus(
  read: (labels: Labels, status: Status) => readonly Sample[],
): (scrape: Scrape) => readonly Sample[] {
  return ({ labels, status }) => (status === undefined ? [] : read(labels, status))
}

/** Returns one sample for each word of a closed set: 1 for `present`, 0 for all others. */
export function oneOfSet(
  labels: Labels,
  name: string,
  words: readonly string[],
  present: string | null,
): readonly Sample[] {
  return words.map((word) => ({ labels: labels.and(name, word), value: Number(word === present) }))
}

function one(read: (status: Status) => number): Family['read'] {
  return ofStatus((labels, status) => [{ labels, value: read(status) }])
}
