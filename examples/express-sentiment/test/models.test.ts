import { describe, expect, it } from 'vitest'
import { afinnModel } from '../src/models/afinn.js'
import type { Answer } from '../src/models/model.js'
import { scenarios } from '../src/models/scenarios.js'
import { winkModel } from '../src/models/wink.js'
import { loadSentences, shuffled } from '../src/traffic/sentences.js'

const sentences = loadSentences()

const share = (fits: (sentence: (typeof sentences)[number]) => boolean): number =>
  sentences.filter(fits).length / sentences.length

const accuracyOf = (model: (text: string) => Answer) => share(({ text, label }) => model(text).prediction === label)

const positivesOf = (model: (text: string) => Answer) => share(({ text }) => model(text).prediction === 'positive')

describe('the sentences', () => {
  it('are 3,000, half of them positive, none empty', () => {
    expect(sentences).toHaveLength(3_000)
    expect(share(({ label }) => label === 'positive')).toBe(0.5)
    expect(share(({ text }) => text.trim() === '')).toBe(0)
  })

  it('are the same ones after shuffling, in another order', () => {
    const mixed = shuffled(sentences, () => 0.3)
    expect(mixed).not.toEqual(sentences)
    const sorted = (list: typeof sentences) => list.map(({ text }) => text).sort()
    expect(sorted(mixed)).toEqual(sorted(sentences))
  })
})

describe('the models', () => {
  it('v1 is right for 79.4 % of them and calls 47.3 % positive', () => {
    const model = afinnModel()
    expect(accuracyOf(model)).toBeCloseTo(0.794, 3)
    expect(positivesOf(model)).toBeCloseTo(0.4733, 3)
  })

  it('v2 is right for 83.5 % of them and calls 51.4 % positive', () => {
    const model = winkModel()
    expect(accuracyOf(model)).toBeCloseTo(0.835, 3)
    expect(positivesOf(model)).toBeCloseTo(0.5137, 3)
  })

  it.each([
    ['v1', afinnModel()],
    ['v2', winkModel()],
  ])('%s answers with a class and a confidence from 0.5 to 1', (_name, model) => {
    expect(model('I love it, it is great')).toMatchObject({ prediction: 'positive' })
    expect(model('I hate it, it is terrible')).toMatchObject({ prediction: 'negative' })
    expect(model('').confidence).toBe(0.5)
    const confidences = sentences.map(({ text }) => model(text).confidence)
    expect(Math.min(...confidences)).toBeGreaterThanOrEqual(0.5)
    expect(Math.max(...confidences)).toBeLessThanOrEqual(1)
    expect(Math.max(...confidences)).toBeGreaterThan(0.9)
  })
})

describe('the scenarios', () => {
  it('errors: v2 throws for one text in five', () => {
    const { canary } = scenarios.errors.models()
    expect(share(({ text }) => throws(() => canary(text)))).toBeCloseTo(0.203, 3)
  })

  it('better: v1 throws for one text in fifty, v2 for none', () => {
    const { baseline, canary } = scenarios.better.models()
    expect(share(({ text }) => throws(() => baseline(text)))).toBeCloseTo(0.022, 3)
    expect(share(({ text }) => throws(() => canary(text)))).toBe(0)
  })

  it('shifted: v2 calls 88 % positive', () => {
    expect(positivesOf(scenarios.shifted.models().canary as (text: string) => Answer)).toBeCloseTo(0.883, 3)
  })

  it('crash: v2 answers 400 calls and throws at every later one', () => {
    const { canary } = scenarios.crash.models()
    const thrown = Array.from({ length: 403 }, () => throws(() => canary('good')))
    expect(thrown.indexOf(true)).toBe(400)
    expect(thrown.slice(400)).toEqual([true, true, true])
  })

  it('slow: v2 really waits 80 ms', async () => {
    const startedAt = performance.now()
    await expect(scenarios.slow.models().canary('I love it')).resolves.toMatchObject({ prediction: 'positive' })
    expect(performance.now() - startedAt).toBeGreaterThan(75)
  })
})

function throws(call: () => unknown): boolean {
  try {
    call()
    return false
  } catch {
    return true
  }
}
