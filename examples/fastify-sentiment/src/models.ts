import Sentiment from 'sentiment'

/** The answer of both models. */
export interface Answer {
  readonly prediction: 'positive' | 'negative'
  /** The sum of the word scores. */
  readonly score: number
}

export type Model = (text: string) => Answer

const sentiment = new Sentiment()

const modelWith =
  (extras: Readonly<Record<string, number>>): Model =>
  (text) => {
    const { score } = sentiment.analyze(text, { extras })
    return { prediction: score >= 0 ? 'positive' : 'negative', score }
  }

/** v1: the word list AFINN-165, which knows many words and few of those that guests of a restaurant use. */
export const afinn = modelWith({})

/** v2: the same list with a restaurant's words. */
export const restaurantAfinn = modelWith({
  tasty: 3,
  bland: -2,
  flavorless: -3,
  greasy: -2,
  mediocre: -2,
  overpriced: -3,
  slow: -1,
  soggy: -2,
})
