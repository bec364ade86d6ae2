import Sentiment from 'sentiment'

/** The answer of both models. */
export interface Answer {
  readonly prediction: 'positive' | 'negative'
  /** The sum of the word scores. */
  readonly score: number
}

export type Model = (text: string) => Answer

const sentiment = new Sentiment()

const answerOf = (text: string): Answer => {
  const { score } = sentiment.analyze(text)
  return { prediction: score >= 0 ? 'positive' : 'negative', score }
}

/** v1: AFINN-165. A negation inverts only the next word. */
export const afinn: Model = (text) => answerOf(text)

/** A negation, and the words between it and the word that it inverts. */
const REACH = /\b(not|never|isn't|wasn't|don't|didn't)\s+(?:(?:very|really|so|that|all|at)\s+)+/gi

/** v2: the same words, but "not very good" is no longer positive. */
export const afinnWithReach: Model = (text) => answerOf(text.replace(REACH, '$1 '))
