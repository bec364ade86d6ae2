import type { TargetRule } from '../target-contract.js'
import type { TargetParts } from './plain-target.fixture.js'

/** The fault that each rule finds: a description, and the part of a target that causes it. */
export const BROKEN_TARGETS: Readonly<Record<TargetRule, readonly [fault: string, parts: Partial<TargetParts>]>> = {
  'has a share in force once apply() resolves': [
    'resolves before its share is in force',
    { write: (table, { weight }) => void setTimeout(() => (table.weight = weight), 5) },
  ],
  'takes the same split again, in any process': [
    'takes every revision once',
    {
      check({ revision }, { applied }) {
        if (applied?.revision === revision) throw new Error('that has been applied')
      },
    },
  ],
  'goes on where the process before it stopped': [
    'takes the share of another process for a stranger’s',
    { isForeign: ({ lastKnown }, { weight }) => lastKnown === 10 && weight === 10 },
  ],
  'applies shares as fine as its precision': ['rounds to whole percents', { rounded: Math.round }],
  'rejects a split of an older epoch, whatever its weight': [
    'takes less canary of an older epoch',
    { isLate: (split, { applied }) => (applied?.epoch ?? 0) > split.epoch && split.weight > 0 },
  ],
  'takes a split of a later epoch over any other': [
    'never moves again after 0',
    {
      check(_, { applied }) {
        if (applied?.weight === 0) throw new Error('that rollout is over')
      },
    },
  ],
  'rejects more canary of an earlier leader, and takes less': [
    'takes the fence of the latest split for the highest',
    {
      write(table, { weight, fence = 0 }) {
        Object.assign(table, { weight, fence })
      },
    },
  ],
  'applies nothing once its signal is aborted': ['looks at no signal', { isAborted: () => false }],
  'rejects when its signal is aborted under way': [
    'waits whatever its signal says',
    { untilAborted: () => new Promise(() => {}) },
  ],
  'takes less canary over a share that somebody else has set': [
    'writes nothing over a share that somebody else has set',
    { isLess: () => false },
  ],
  'rejects more canary over a share that somebody else has set': [
    'writes over whatever is there',
    { isForeign: () => false },
  ],
  'tells a share that somebody else has set, and when its own is in force again': [
    'never tells that its share is in force again',
    { driftIn: ({ weight }) => ({ weight, message: 'changed' }) },
  ],
  'tells a share that is put back after the end': [
    'stops watching at 0',
    {
      driftIn: ({ weight, applied }) =>
        applied?.weight === 0 || weight === applied?.weight ? null : { weight, message: 'changed' },
    },
  ],
  'tells no drift where only its own splits changed the share': [
    'tells what it has written itself',
    { driftIn: ({ weight }) => ({ weight, message: 'changed' }) },
  ],
  'tells nothing after a watch has ended': ['cannot end a watch', { endWatch: () => {} }],
}
