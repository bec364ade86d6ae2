const PARTS = ['judge', 'tripwire', 'clock', 'gate', 'warm-up'] as const

/** The values of the label for who decided: a part of the loop, or a person. Names of people are not used as labels. */
export type DecidedBy = (typeof PARTS)[number] | 'operator'

/** Returns the label of the actor of a decision. */
export function decidedBy(actor: string): DecidedBy {
  return PARTS.find((part) => part === actor) ?? 'operator'
}
