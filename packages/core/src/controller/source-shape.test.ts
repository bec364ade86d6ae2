import { describe, expect, it } from 'vitest'
import { evidenceJudge } from '../judging/evidence-judge.js'
import type { Counts } from '../rollout/counts.js'
import { counted } from '../rollout/rollout.fixture.js'
import { emptySummary } from '../summaries/summary.js'
import { createWorld, heard } from './controller.fixture.js'

const good = counted(100)

/** A rollout over a source whose answer can be changed. */
async function over(first: unknown) {
  const world = createWorld()
  let answer = first
  const read = async () => answer as Counts
  const controller = world.make({ source: { read } })
  const alerts = heard(controller, 'alert')
  await controller.start()
  await world.clock.advance(60_000)
  return { world, controller, alerts, answers: (next: unknown) => (answer = next) }
}

describe('a source whose answer has the wrong shape', () => {
  it.each<[what: string, answer: unknown, words: string]>([
    ['nothing', undefined, 'it must be "no-data" or { baseline, canary }, got undefined'],
    ['a text', 'none', 'it must be "no-data" or { baseline, canary }, got "none"'],
    ['an array', [good.baseline, good.canary], 'it must be "no-data" or { baseline, canary }, got an array of 2'],
    ['one arm only', { baseline: good.baseline }, 'canary must be a summary, got undefined'],
    ['a null', { ...good, baseline: null }, 'baseline must be a summary, got null'],
    [
      'figures of another kind',
      { baseline: { requests: 9 }, canary: {} },
      'baseline.begun must be a whole number from 0 up, got undefined',
    ],
    [
      'a number in words',
      { ...good, canary: { ...good.canary, begun: '9' } },
      'canary.begun must be a whole number from 0 up, got "9"',
    ],
    [
      'no number',
      { ...good, canary: { ...good.canary, begun: Number.NaN } },
      'canary.begun must be a whole number from 0 up, got NaN',
    ],
    ['no outcomes', { ...good, canary: { begun: 9 } }, 'canary.outcomes must be counts by outcome, got undefined'],
    [
      'an outcome in words',
      { ...good, canary: { ...good.canary, outcomes: { ...good.canary.outcomes, error: '1' } } },
      'canary.outcomes.error must be a whole number from 0 up, got "1"',
    ],
    [
      'no latency',
      { ...good, canary: { begun: 9, outcomes: good.canary.outcomes } },
      'canary.latencyUs must be { count, sum, sumOfSquares } with',
    ],
    [
      'a mean for moments',
      { ...good, canary: { ...good.canary, latencyUs: { mean: 9 } } },
      'canary.latencyUs must be { count, sum, sumOfSquares } with',
    ],
    [
      'an object for bins',
      { ...good, canary: { ...good.canary, latencyBins: {} } },
      'canary.latencyBins must be an array of pairs, got an object',
    ],
    [
      'predictions without labels',
      { ...good, canary: { ...good.canary, predictions: {} } },
      'canary.predictions must be { labels, other }, got an object',
    ],
    ...[-5, 0.5].map((error): [string, unknown, string] => [
      `${error} errors`,
      { ...good, canary: { ...good.canary, outcomes: { ...good.canary.outcomes, error } } },
      `canary.outcomes.error must be a whole number from 0 up, got ${error}`,
    ]),
    ...Object.entries({
      leftOut: -1,
      score: { count: 1, sum: 1, sumOfSquares: -1 },
      latencyUs: { count: 0.5, sum: 1, sumOfSquares: 1 },
      blockedUs: { count: -1, sum: 1, sumOfSquares: 1 },
      answers: { decided: 1, unanswered: -1, ended: 0, leftEarly: 0 },
      rejections: { callers: 0.5, rejected: 0 },
      metrics: [['revenue', { count: 1, sum: 1, sumOfSquares: -1 }]],
      'predictions.labels': [['cat', -1]],
    }).map(([member, value]): [string, unknown, string] => [
      `an impossible ${member}`,
      {
        ...good,
        baseline: {
          ...good.baseline,
          ...(member === 'predictions.labels' ? { predictions: { labels: value, other: 0 } } : { [member]: value }),
        },
      },
      `baseline.${member} must be`,
    ]),
  ])('fails, and not the judge: %s', async (_, answer, words) => {
    const { controller, alerts } = await over(answer)
    expect(controller.status().internalErrors).toEqual({ SOURCE_FAILED: expect.any(Number) })
    expect(alerts).toMatchObject([{ about: 'source', message: expect.stringContaining(words) }])
    expect(alerts[0]?.message).toContain('emptySummary()')
    expect(alerts[0]?.message).toContain('readSummary')
    expect(controller.status()).toMatchObject({ state: 'warming', step: 0 })
  })

  it('is asked again, and the rollout goes on once the answer is right', async () => {
    const { world, controller, answers } = await over({ baseline: {}, canary: {} })
    const { internalErrors } = controller.status()
    answers(good)
    await world.clock.advance(60_000)
    expect(controller.status()).toMatchObject({ state: 'progressing', internalErrors })
  })

  it('may leave out what earlier summaries did not have', async () => {
    const { answers: _, rejections: __, blockedUs: ___, ...earlier } = emptySummary()
    const { controller } = await over({ baseline: { ...earlier, begun: 1 }, canary: earlier })
    expect(controller.status().internalErrors).toEqual({})
  })

  it('is found between two looks as well', async () => {
    const world = createWorld()
    const peek = () => ({ baseline: {}, canary: {} }) as never
    const source = { read: async () => good, peek }
    const controller = world.make({ source, judge: evidenceJudge() })
    await controller.start()
    await world.clock.advance(14_000)
    expect(controller.status().internalErrors).toEqual({ SOURCE_FAILED: expect.any(Number) })
  })
})
