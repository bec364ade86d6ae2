/** The two classes of the labelled data. */
export type Label = 'positive' | 'negative'

/** A model's answer about a text. */
export interface Answer {
  readonly prediction: Label
  /** From 0.5, which is no better than chance, to 1. */
  readonly confidence: number
}

/** A sentiment model, synchronous or with a promise. */
export type Model = (text: string) => Answer | Promise<Answer>

/** The two models of a rollout. */
export interface ModelPair {
  readonly baseline: Model
  readonly canary: Model
}

/** Returns an answer from a score: positive above the threshold, and more certain the further away. */
export function answerOf(score: number, strongest: number, threshold = 0): Answer {
  const strength = Math.min(1, Math.abs(score - threshold) / strongest)
  return { prediction: score > threshold ? 'positive' : 'negative', confidence: 0.5 + strength / 2 }
}
