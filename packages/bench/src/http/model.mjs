/** Words with a weight. A real list is longer, but the work for each word is the same. */
const WEIGHTS = new Map(
  Object.entries({
    amazing: 4,
    awful: -3,
    bad: -3,
    best: 3,
    boring: -3,
    disappointing: -2,
    excellent: 3,
    good: 3,
    great: 3,
    happy: 3,
    love: 3,
    loved: 3,
    poor: -2,
    terrible: -3,
    waste: -1,
    wonderful: 4,
    worst: -3,
  }),
)

/**
 * A small model of sentiment such as runs inside a service: words, weights, a sigmoid.
 *
 * @param {string} text
 */
export async function sentiment(text) {
  let score = 0
  for (const word of text.toLowerCase().match(/[a-z']+/g) ?? []) score += WEIGHTS.get(word) ?? 0
  const positive = 1 / (1 + Math.exp(-score / 2))
  return { prediction: positive >= 0.5 ? 'positive' : 'negative', confidence: Math.max(positive, 1 - positive) }
}

/** The same model as both versions, so that only the way to it differs. */
export const MODELS = { baseline: sentiment, canary: sentiment }

/** The options by which a service tells its canary about an output. */
export const predictionOf = ({ prediction }) => prediction
