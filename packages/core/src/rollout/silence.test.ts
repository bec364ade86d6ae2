import { describe, expect, it } from 'vitest'
import { type CourseOptions, resolveCourse } from './course.js'
import type { Effect, RolloutEvent } from './event.js'
import { linearPlan } from './plan.js'
import { after, looked } from './rollout.fixture.js'
import { idleState, type RolloutState } from './state.js'
import { transition } from './transition.js'

const MINUTE = 60_000

const courseWith = (options: CourseOptions) =>
  resolveCourse({
    plan: linearPlan([10, 50, 100], { minDurationMs: 60 * MINUTE, minRequests: 10 }),
    warmUp: { weight: 2, durationMs: 0 },
    ...options,
  })

/** Looks a minute apart: what each arm has finished in the step by then. */
function played(
  looks: readonly (readonly [baseline: number, canary: number])[],
  options: CourseOptions = { onSilence: { action: 'rollback' } },
  change: (event: RolloutEvent) => RolloutEvent = (event) => event,
) {
  const course = courseWith(options)
  const start = after([{ type: 'start' }, { type: 'warmed' }], idleState, course)
  const effects: Effect[] = []
  const state = looks.reduce((before: RolloutState, [baseline, canary], minute) => {
    const event = { ...looked(before, 'inconclusive', { sinceMs: MINUTE }), at: minute * MINUTE }
    const [next, made] = transition(
      before,
      change({ ...event, requests: { baseline, canary } } as RolloutEvent),
      course,
    )
    effects.push(...made)
    return next
  }, start)
  return { state, alerts: effects.filter((effect) => effect.type === 'alert') }
}

/** Served at first, and then not at all while the baseline serves so many a minute. */
const dying = (perMinute: number, minutes = 8): (readonly [number, number])[] => [
  [90, 10],
  ...Array.from({ length: minutes }, (_, at): [number, number] => [90 + perMinute * (at + 1), 10]),
]

describe('a canary that serves nobody while its baseline does', () => {
  it('is rolled back after five minutes where that is asked for, with what was not seen', () => {
    expect(played(dying(1_000, 4)).state.state).toBe('progressing')
    expect(played(dying(1_000, 5)).state).toMatchObject({
      state: 'rolled-back',
      reason:
        'no finished request of the canary for 5 min, where its 10 % should have brought about 555: is it deployed and reached?',
    })
  })

  it('is held by default, with an alert that is repeated', () => {
    const { state, alerts } = played(dying(1_000, 70), {})
    expect(state).toMatchObject({ state: 'progressing', step: 1, waitingFor: 'data' })
    expect(alerts).toMatchObject([{ about: 'no-data' }, { about: 'no-data' }])
    expect(alerts[1]).toMatchObject({ message: expect.stringMatching(/should have brought about .* \(for 60 min\)$/) })
  })

  it('is given as long as afterMs says', () => {
    const onSilence = { afterMs: 20 * MINUTE, action: 'rollback' } as const
    expect(played(dying(1_000, 19), { onSilence }).state.state).toBe('progressing')
    expect(played(dying(1_000, 20), { onSilence }).state.state).toBe('rolled-back')
  })

  it('is rolled back while it is paused as well', () => {
    const course = courseWith({ onSilence: { action: 'rollback' } })
    const { state } = played(dying(1_000, 4))
    const paused = after([{ type: 'pause' }], state, course)
    const event = { ...looked(paused, 'inconclusive', { sinceMs: MINUTE }), at: 6 * MINUTE }
    expect(after([{ ...event, requests: { baseline: 9_000, canary: 10 } } as RolloutEvent], paused, course).state).toBe(
      'rolled-back',
    )
  })

  it.each<
    [what: string, looks: readonly (readonly [number, number])[], change?: (event: RolloutEvent) => RolloutEvent]
  >([
    ['its share would have brought fewer than 50 requests', dying(40)],
    ['the baseline is silent as well', [...dying(0)]],
    ['the baseline has become silent too', [[90, 10], [9_000, 10], ...Array(8).fill([9_000, 10])]],
    [
      'it was never seen in this rollout, as after a relabelling',
      dying(1_000).map(([baseline]) => [baseline, 0] as const),
    ],
    [
      'it serves a request now and then',
      dying(1_000).map(([baseline, canary], at) => [baseline, canary + (at >> 2)] as const),
    ],
    [
      'users are split: none of its own may be active',
      dying(1_000),
      (event) => ({ ...event, isByKey: true }) as RolloutEvent,
    ],
    [
      'the source fails',
      dying(1_000),
      (event) => (event.type === 'analyzed' ? { ...event, verdict: { ...event.verdict, kind: 'error' } } : event),
    ],
  ])('is not rolled back where %s', (_, looks, change) => {
    expect(played(looks, { onSilence: { action: 'rollback' } }, change).state).toMatchObject({ step: 1, weight: 10 })
  })

  it('is only said in mode observe', () => {
    const { state, alerts } = played(dying(1_000, 20), { mode: 'observe', onSilence: { action: 'rollback' } })
    expect(state).toMatchObject({ state: 'progressing', step: 1 })
    expect(alerts.filter(({ about }) => about === 'hold')).toHaveLength(1)
  })

  it.each([{ afterMs: 0 }, { afterMs: -1 }, { afterMs: Number.NaN }, { action: 'demote' }, { after: 1 }])(
    'cannot be met with %o',
    (onSilence) => {
      expect(() => courseWith({ onSilence: onSilence as object })).toThrow(/INVALID_OPTION|UNKNOWN_OPTION/)
    },
  )
})
