import type { Decision } from '@model-canary/core'

/** Decisions that are shown as one: several in a row that only said that the rollout still waits for the same. Newest first. */
export type DecisionGroup = readonly [Decision, ...Decision[]]

/** Returns the decisions in groups, newest first. The judge looks every few seconds and mostly has to wait. */
export function groupsOf(decisions: readonly Decision[]): readonly DecisionGroup[] {
  const groups: [Decision, ...Decision[]][] = []
  for (const decision of decisions) {
    const group = groups.at(-1)
    if (group !== undefined && isSame(group[0], decision)) group.push(decision)
    else groups.push([decision])
  }
  return groups
}

const isSame = (a: Decision, b: Decision): boolean =>
  a.action === 'hold' &&
  b.action === 'hold' &&
  kindOf(a) === kindOf(b) &&
  a.epoch === b.epoch &&
  a.step === b.step &&
  a.actor === b.actor

/** Returns what a decision waits for, without the figures after it, which differ from look to look. */
const kindOf = ({ reason }: Decision): string => /^[^:;,]*/.exec(reason)?.[0] ?? reason
