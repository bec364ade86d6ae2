/** The alternatives that evidence is gathered for, and their weights in the mixture. */
export interface Alternatives {
  /** In margins. */
  readonly shifts: readonly number[]
  /** The weight of each shift in the mixture. */
  readonly parts: readonly number[]
}

/** For rates of rare events: from slightly beyond the margin to a total failure. */
export const RATE_ALTERNATIVES: Alternatives = { shifts: [1.5, 3, 8, 20], parts: [0.35, 0.34, 0.22, 0.09] }

/** For shares of a class, and for means: a large shift passes through smaller ones first. */
export const CLASS_ALTERNATIVES: Alternatives = { shifts: [1.5, 2.5, 4], parts: [0.45, 0.35, 0.2] }
export const MEAN_ALTERNATIVES: Alternatives = { shifts: [1.5, 3, 8], parts: [0.4, 0.36, 0.24] }

/** For a rare class whose margin is half of its share: most of the share is lost, or nearly all of it. */
export const LOSS_ALTERNATIVES: Alternatives = { shifts: [1.5, 2], parts: [0.2, 0.8] }

/** For absolute limits, in margins or limits, whichever is less. They start close to the limit: any excess counts. */
export const LIMIT_ALTERNATIVES: Alternatives = { shifts: [0.1, 0.3, 1, 4], parts: [0.25, 0.25, 0.25, 0.25] }

/** The assumed shifts of a sound canary, in margins. */
export const SAFE_ALTERNATIVES = { shifts: [0, 0.5], parts: [0.7, 0.3] } as const satisfies Alternatives
