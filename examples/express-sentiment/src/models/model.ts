/** What a sentence can be: the two classes of the labelled data. */
export type Label = 'positive' | 'negative'

/** What a model says of a text. */
export interface Answer {
  readonly prediction: Label
  /** From 0.5, a coin toss, to 1. */
  readonly confidence: number
}

/** A sentiment model: at once, or by a promise. */
export type Model = (text: string) => Answer | Promise<Answer>

/** The two models of a rollout. */
export interface ModelPair {
  readonly baseline: Model
  readonly canary: Model
}

/** An answer from a score: positive above the threshold, surer the further away. */
export function answerOf(score: number, strongest: number, threshold = 0): Answer {
  const strength = Math.min(1, Math.abs(score - threshold) / strongest)
  return { prediction: score > threshold ? 'positive' : 'negative', confidence: 0.5 + strength / 2 }
}
