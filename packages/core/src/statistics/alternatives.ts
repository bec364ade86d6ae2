/** The moves of the canary that evidence is gathered for, and how it is spread over them. */
export interface Alternatives {
  /** In margins. */
  readonly shifts: readonly number[]
  /** What part of the evidence each has. */
  readonly parts: readonly number[]
}

/** Rates of rare events: from a little beyond the margin to a total breakage. */
export const RATE_ALTERNATIVES: Alternatives = { shifts: [1.5, 3, 8, 20], parts: [0.35, 0.34, 0.22, 0.09] }

/** Shares of a class, and means: what moves by many margins moves by a few first. */
export const CLASS_ALTERNATIVES: Alternatives = { shifts: [1.5, 2.5, 4], parts: [0.45, 0.35, 0.2] }
export const MEAN_ALTERNATIVES: Alternatives = { shifts: [1.5, 3, 8], parts: [0.4, 0.36, 0.24] }

/** Beyond an absolute limit, in margins or limits, whichever is less: what is above it at all is too much. */
export const LIMIT_ALTERNATIVES: Alternatives = { shifts: [0.1, 0.3, 1, 4], parts: [0.25, 0.25, 0.25, 0.25] }

/** The moves that a sound canary is taken to have, in margins. */
export const SAFE_ALTERNATIVES = { shifts: [0, 0.5], parts: [0.7, 0.3] } as const satisfies Alternatives
