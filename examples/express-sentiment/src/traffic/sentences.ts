import { createRequire } from 'node:module'
import type { Label } from '../models/model.js'

/** One sentence of the "Sentiment Labelled Sentences" data set, with its true class. */
export interface Sentence {
  readonly text: string
  readonly label: Label
}

interface Row {
  readonly text: string
  readonly class: 0 | 1 | null
}

/**
 * The 3,000 labelled sentences that the npm package `sentiment` ships.
 *
 * A thousand each from reviews on Amazon, IMDb and Yelp; half of them are positive. Each file ends
 * with an empty row, which is left out.
 */
export function loadSentences(): readonly Sentence[] {
  const require = createRequire(import.meta.url)
  const rows = ['amazon', 'imdb', 'yelp'].flatMap(
    (site) => require(`sentiment/test/fixtures/${site}.json`) as readonly Row[],
  )
  return rows
    .filter(({ text }) => text.trim() !== '')
    .map((row) => ({ text: row.text, label: row.class === 1 ? 'positive' : 'negative' }))
}

/** Returns the sentences in another order, so that the three sites are mixed. */
export function shuffled(sentences: readonly Sentence[], random: () => number = Math.random): readonly Sentence[] {
  const order = [...sentences]
  for (let last = order.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1))
    const moved = order[last]!
    order[last] = order[other]!
    order[other] = moved
  }
  return order
}
