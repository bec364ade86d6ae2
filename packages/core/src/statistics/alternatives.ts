/** How evidence of harm is spread over the harms that are looked for. */
export interface Harms {
  /** In margins. */
  readonly shifts: readonly number[]
  /** What part of the evidence each has. */
  readonly weights: readonly number[]
}

/** Rates of rare events: from a little beyond the margin to a total breakage. */
export const RATE_HARMS: Harms = { shifts: [1.5, 3, 8, 20], weights: [0.35, 0.34, 0.22, 0.09] }

/** Shares of a class, and means: what moves by many margins moves by a few first. */
export const CLASS_HARMS: Harms = { shifts: [1.5, 2.5, 4], weights: [0.45, 0.35, 0.2] }
export const MEAN_HARMS: Harms = { shifts: [1.5, 3, 8], weights: [0.4, 0.36, 0.24] }

/** Beyond an absolute limit, in margins or limits, whichever is less: what is above it at all is too much. */
export const LIMIT_HARMS: Harms = { shifts: [0.1, 0.3, 1, 4], weights: [0.25, 0.25, 0.25, 0.25] }

/** The moves that a sound canary is taken to have, in margins, and their weights. */
export const SAFE_MOVES = { shifts: [0, 0.5], weights: [0.7, 0.3] } as const satisfies Harms
