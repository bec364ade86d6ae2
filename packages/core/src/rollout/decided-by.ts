const PARTS = ['judge', 'tripwire', 'clock', 'gate', 'warm-up'] as const

/** Who decided, as a label: a part of the loop, or a person, whose name is no label. */
export type DecidedBy = (typeof PARTS)[number] | 'operator'

/** The label of the actor of a decision. */
export function decidedBy(actor: string): DecidedBy {
  return PARTS.find((part) => part === actor) ?? 'operator'
}
