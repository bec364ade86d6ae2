import model from 'wink-eng-lite-web-model'
import winkNLP from 'wink-nlp'
import { type Answer, answerOf } from './model.js'

/** The model's threshold. */
export interface WinkModelOptions {
  /** Scores run from -1 to 1; above this one a text is positive. @default 0 */
  readonly threshold?: number
}

/** v2: wink-nlp reads the whole sentence, negations included. Slower, and right for about 83 %. */
export function winkModel({ threshold = 0 }: WinkModelOptions = {}): (text: string) => Answer {
  const nlp = winkNLP(model, ['sbd', 'negation', 'sentiment'])
  return (text) => answerOf(Number(nlp.readDoc(text).out(nlp.its.sentiment)), 1, threshold)
}
