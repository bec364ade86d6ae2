import { manualClock } from '@model-canary/testing'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Guardrail } from '../guardrails/guardrail.js'
import { metric } from '../guardrails/kinds/metric.js'
import type { Judge } from '../judging/judge.js'
import { thresholdJudge } from '../judging/threshold-judge.js'
import type { Origin } from '../recorder/recorder-contract.js'
import { resolveCourse } from '../rollout/course.js'
import { plainForm, type Strata, type StrataForm } from '../summaries/strata.js'
import { createRecording } from './recording.js'

const WINDOW_MS = 15_000
const versions = { baseline: 'v1', canary: 'v2' }

const guardrails: readonly Guardrail[] = [metric('paid', { direction: 'must-not-fall', margin: 1 })]

const form: StrataForm = { ...plainForm, capMs: 300, metrics: ['paid'] }

/** What the judge below has learned: windows since the last cut, and the generations. */
interface Learned {
  readonly windows: number
  readonly generations: readonly (Strata | null)[]
}

const course = resolveCourse({ plan: [10, 50, 100] })

const report = vi.fn()
const note = vi.fn()
afterEach(() => report.mockReset())

const nothing: Learned = { windows: 0, generations: [] }

const strata: NonNullable<NonNullable<Judge['learn']>['strata']> = {
  formDue: (history) => ((history as Learned).windows >= 2 ? form : undefined),
  add: (history, generation) => ({ windows: 0, generations: [...(history as Learned).generations, generation] }),
  freeze: (history) => history,
}

/** Records calls of the baseline under a judge that wants a generation of every two windows. */
function recordingWith(learnStrata: typeof strata | undefined) {
  const judge: Judge = {
    ...thresholdJudge(),
    learn: {
      windowMs: WINDOW_MS,
      update: (history) => {
        const { windows, generations } = (history ?? nothing) as Learned
        return { windows: windows + 1, generations }
      },
      ...(learnStrata && { strata: learnStrata }),
    },
  }
  const { recorder, baselineHistory } = createRecording(
    { guardrails, judge, course, versions, clock: manualClock() },
    report,
    { note },
    () => ({ identity: undefined, isIdle: () => true }),
  )
  const idle = (bucket: number | undefined): Origin => ({ epoch: 0, step: 0, reason: 'disabled', bucket })
  return {
    recorder,
    learned: () => baselineHistory() as Learned | null,
    call: (window: number, bucket: number | undefined) =>
      recorder.record(
        { variant: 'baseline', at: window * WINDOW_MS, durationMs: 900, outcome: 'success', metrics: { paid: 2 } },
        idle(bucket),
      ),
  }
}

const finishedIn = (generation: Strata | null | undefined) =>
  generation?.finished.flatMap((count, stratum) => (count > 0 ? [[stratum, count]] : []))

describe('generations of strata', () => {
  it('are cut after the window at which the judge asks for the next form, and given to its history', () => {
    const { call, learned, recorder } = recordingWith(strata)
    for (const window of [0, 1]) call(window, 700)
    expect(learned()).toEqual({ windows: 1, generations: [] })
    call(2, 800)
    expect(learned()).toMatchObject({ windows: 0, generations: [{ form: plainForm, latencyMs: expect.anything() }] })
    expect(finishedIn(learned()?.generations[0])).toEqual([
      [7, 2],
      [8, 1],
    ])
    expect(recorder.strata()).toBeNull()
    for (const window of [3, 4]) call(window, 900)
    const second = learned()?.generations[1]
    expect(finishedIn(second)).toEqual([[9, 2]])
    expect(second).toMatchObject({ form })
    expect(second?.latencyMs[9]).toBe(600) // capped
    expect(second?.metrics.map(([name, [counts, sums]]) => [name, counts[9], sums[9]])).toEqual([['paid', 2, 4]])
    expect(report).not.toHaveBeenCalled()
  })

  it('are null if no call had a bucket', () => {
    const { call, learned } = recordingWith(strata)
    for (const window of [0, 1, 2]) call(window, undefined)
    expect(learned()).toEqual({ windows: 0, generations: [null] })
  })

  it('go on being counted under a judge that does not ask for them', () => {
    const { call, learned, recorder } = recordingWith(undefined)
    for (const window of [0, 1, 2, 3]) call(window, 700)
    expect(learned()).toEqual({ windows: 3, generations: [] })
    expect(finishedIn(recorder.strata())).toEqual([[7, 4]])
  })

  it('are frozen for a rollout: with the one that is being counted, and all weights of the plan', () => {
    const { call, learned, recorder } = recordingWith({
      ...strata,
      freeze: (history, generation, rollout) => ({ history, generation, rollout }),
    })
    for (const window of [0, 1, 2, 3]) call(window, 700)
    expect(learned()).toEqual({
      history: { windows: 1, generations: [expect.objectContaining({ form: plainForm })] },
      generation: recorder.strata(),
      rollout: { guardrails, weights: expect.arrayContaining([10, 50]), kept: undefined },
    })
    expect(finishedIn(recorder.strata())).toEqual([[7, 1]]) // a freeze cuts nothing
  })

  it('cost no window if the judge throws: it is reported', () => {
    const { call, learned } = recordingWith({
      ...strata,
      formDue() {
        throw new Error('no form')
      },
    })
    for (const window of [0, 1, 2]) call(window, 700)
    expect(learned()).toMatchObject({ windows: 2 })
    expect(report).toHaveBeenCalledWith(expect.objectContaining({ code: 'OBSERVER_FAILED' }))
  })
})
