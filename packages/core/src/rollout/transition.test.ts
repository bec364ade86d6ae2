import { describe, expect, it } from 'vitest'
import { type Course, resolveCourse } from './course.js'
import type { Effect } from './event.js'
import { linearPlan } from './plan.js'
import { actionsOf, after, course, looked, passed } from './rollout.fixture.js'
import { idleState, type RolloutState } from './state.js'
import { transition } from './transition.js'

const start = { type: 'start' } as const
const warmed = { type: 'warmed' } as const
const warmingUp = after([start, warmed])
const atStep1 = after([passed], warmingUp)
const atStep2 = after([passed], atStep1)
const baking = after([passed], atStep2)

const NINE = Date.UTC(2026, 0, 9, 9)
/** A passing look at a wall time, so long after the event before. */
const lookedAt =
  (at: number, sinceMs = 60_000) =>
  (state: RolloutState) => ({ ...looked(state, 'pass', { sinceMs }), at })

/** The same course with something else about it. */
const courseWith = (change: Partial<Course>): Course => ({ ...course, ...change })

describe('a rollout that goes well', () => {
  it('starts cold, in a new epoch, at weight 0, and asks for the canary to be warmed', () => {
    const [state, effects] = transition(idleState, start, course)
    expect(state).toMatchObject({ state: 'warming', epoch: 1, step: 0, weight: 0, waitingFor: 'data' })
    expect(effects).toContainEqual({ type: 'warm-up' })
  })

  it('goes from the warm-up over every step to baking, and is promoted', () => {
    const walk = [warmingUp, atStep1, atStep2, baking, after([passed], baking)]
    expect(walk.map(({ state, step, weight }) => [state, step, weight])).toEqual([
      ['warming', 0, 2],
      ['progressing', 1, 10],
      ['progressing', 2, 50],
      ['baking', 3, 90],
      ['promoted', 3, 100],
    ])
  })

  it('begins every step with no time and no requests', () => {
    expect(atStep2).toMatchObject({ elapsedInStepMs: 0, requests: { baseline: 0, canary: 0 }, elapsedMs: 120_000 })
  })

  it('skips a warm-up that has no duration', () => {
    const without = courseWith({ warmUp: { weight: 2, durationMs: 0 } })
    expect(after([start, warmed], idleState, without)).toMatchObject({ state: 'progressing', step: 1, weight: 10 })
  })

  it('says why it advanced, with the requests it rests on', () => {
    const [, effects] = transition(atStep1, looked(atStep1, 'pass'), course)
    expect(effects).toEqual([
      { type: 'decided', action: 'advance', applied: true, reason: expect.stringContaining('10 canary') },
    ])
  })
})

describe('a step is held', () => {
  it.each([
    ['time', looked(atStep1, 'pass', { sinceMs: 59_999 })],
    ['requests', looked(atStep1, 'pass', { requests: 9 })],
    ['evidence', looked(atStep1, 'inconclusive')],
    ['evidence', looked(atStep1, 'fail', { response: 'hold' })],
    ['data', looked(atStep1, 'error')],
    ['data', looked(atStep1, 'pass', { requests: 0 })],
  ] as const)('for %s', (waitingFor, event) => {
    const [state, effects] = transition(atStep1, event, course)
    expect(state).toMatchObject({ step: 1, weight: 10, waitingFor })
    expect(actionsOf(effects)).toEqual(['hold'])
  })

  it('by the arm that has fewer requests', () => {
    const event = { ...looked(atStep1, 'pass'), requests: { baseline: 9, canary: 1_000 } }
    expect(after([event], atStep1)).toMatchObject({ step: 1, waitingFor: 'requests' })
  })

  it('with one alert for as long as the source is broken, now and then as well, and another when it breaks much later', () => {
    const broken = (at: number) => (state: RolloutState) => ({ ...looked(state, 'error', { sinceMs: 1_000 }), at })
    const fine = (at: number) => (state: RolloutState) => ({ ...looked(state, 'pass', { sinceMs: 1_000 }), at })
    const HOUR = 3_600_000
    const alerts: string[] = []
    let state = atStep1
    for (const event of [broken(1), broken(2), fine(3), broken(4), fine(5), broken(HOUR + 6), broken(HOUR + 7)]) {
      const [next, effects] = transition(state, event(state), course)
      alerts.push(effects.some((effect) => effect.type === 'alert' && effect.about === 'source') ? 'alert' : '-')
      state = next
    }
    expect(alerts).toEqual(['alert', '-', '-', '-', '-', 'alert', '-'])
  })
})

describe('a failing verdict', () => {
  const paused = after([{ type: 'pause' }], atStep2)
  it.each([
    ['warming', warmingUp],
    ['progressing', atStep1],
    ['paused', paused],
    ['baking', baking],
    ['switched off', after([{ type: 'disable' }], atStep1)],
  ])('rolls back while %s, with the reason', (_, state) => {
    const [next] = transition(state, looked(state, 'fail', { sinceMs: 0, response: 'rollback' }), course)
    expect(next).toMatchObject({ state: 'rolled-back', weight: 0, reason: 'errorRate: 20 % against 1 %' })
  })

  it('of another epoch or step changes nothing', () => {
    const { epoch, step } = atStep2
    for (const place of [
      { epoch: epoch + 1, step },
      { epoch: epoch - 1, step },
      { epoch, step: 1 },
    ]) {
      const [next, effects] = transition(atStep2, looked(place, 'fail', { sinceMs: 0 }), course)
      expect(next).toBe(atStep2)
      expect(effects).toEqual([])
    }
  })

  it('that asks for demotion goes back to the warm-up once, with an alert, and then rolls back', () => {
    const demote = (state: RolloutState) => looked(state, 'fail', { response: 'demote' })
    const [demoted, effects] = transition(atStep2, demote(atStep2), course)
    expect(demoted).toMatchObject({ state: 'warming', step: 0, weight: 2, demoted: true })
    expect(effects.map((effect) => effect.type)).toEqual(['decided', 'alert'])
    expect(after([passed], demoted)).toMatchObject({ step: 1, weight: 10 })
    expect(after([passed, demote], demoted)).toMatchObject({ state: 'rolled-back', weight: 0 })
  })

  it('rolls back instead of demoting where there is no warm-up to go to', () => {
    const without = courseWith({ warmUp: { weight: 0, durationMs: 0 } })
    expect(after([looked(atStep1, 'fail', { response: 'demote' })], atStep1, without).state).toBe('rolled-back')
  })
})

describe('the tripwire', () => {
  it('rolls back at once, whatever the samples', () => {
    expect(after([{ type: 'tripped', epoch: 1, reason: 'ten errors' }], atStep1)).toMatchObject({
      state: 'rolled-back',
      weight: 0,
      reason: 'ten errors',
    })
  })

  it('of an earlier epoch changes nothing', () => {
    expect(after([{ type: 'tripped', epoch: 0 }], atStep1)).toBe(atStep1)
  })
})

describe('a gate', () => {
  const gated = (gate: 'manual' | (() => boolean)) =>
    resolveCourse({ plan: linearPlan([10, 100], { minDurationMs: 60_000, minRequests: 10, gate }) })
  const at = after([{ type: 'start' }, { type: 'warmed' }, passed], idleState, gated('manual'))

  it('that a person opens alerts once and waits for promote()', () => {
    const [waiting, effects] = transition(at, looked(at, 'pass'), gated('manual'))
    expect(waiting).toMatchObject({ step: 1, weight: 10, waitingFor: 'gate' })
    expect(effects.map((effect) => effect.type)).toEqual(['decided', 'alert'])
    const [, again] = transition(waiting, looked(waiting, 'pass'), gated('manual'))
    expect(again.map((effect) => effect.type)).toEqual(['decided'])
    expect(after([{ type: 'promote' }], waiting, gated('manual'))).toMatchObject({ step: 2, weight: 90 })
  })

  it('alerts a person also where a warning stands, which is said once itself', () => {
    const warned = (kind: 'pass' | 'inconclusive', state: RolloutState) => {
      const event = looked(state, kind)
      if (event.type !== 'analyzed') throw new Error('no look')
      return transition(state, { ...event, verdict: { ...event.verdict, warning: 'off' } }, gated('manual'))
    }
    const alertsOf = (effects: readonly Effect[]) => effects.filter(({ type }) => type === 'alert')
    const [held, first] = warned('inconclusive', at)
    expect(alertsOf(first)).toEqual([{ type: 'alert', about: 'split', message: 'off' }])
    expect(alertsOf(warned('inconclusive', held)[1])).toEqual([])
    const [waiting, second] = warned('pass', held)
    expect(alertsOf(second)).toEqual([{ type: 'alert', about: 'gate', message: 'the gate of step 1 is closed' }])
    expect(alertsOf(warned('pass', waiting)[1])).toEqual([])
  })

  it('of a function is asked only when everything else is there, and again at every look', () => {
    const asks = (event: Parameters<typeof transition>[1]) =>
      transition(
        at,
        event,
        gated(() => true),
      )[1].filter(({ type }) => type === 'ask-gate')
    expect(asks(looked(at, 'inconclusive'))).toEqual([])
    expect(asks(looked(at, 'pass'))).toEqual([{ type: 'ask-gate', epoch: 1, step: 1 }])
  })

  it('that opened lets the look advance that brings its yes, and no other one', () => {
    const course = gated(() => true)
    const opened = after([passed, { type: 'gate', epoch: 1, step: 1, open: true }], at, course)
    expect(opened).toMatchObject({ step: 1, weight: 10, waitingFor: 'gate' })
    expect(after([passed], opened, course)).toMatchObject({ step: 1, weight: 10, waitingFor: 'gate' })
    const withYes = (state: RolloutState) => ({ ...looked(state, 'pass'), isGateOpen: true })
    expect(after([withYes], opened, course)).toMatchObject({ step: 2, weight: 90 })
    const early = { ...looked(opened, 'inconclusive'), isGateOpen: true }
    expect(after([early], opened, course)).toMatchObject({ step: 1, waitingFor: 'evidence' })
  })

  it('that says no alerts once, and a stale answer changes nothing', () => {
    const no = { type: 'gate', epoch: 1, step: 1, open: false } as const
    const [closed, effects] = transition(
      at,
      no,
      gated(() => true),
    )
    expect(effects.map((effect) => effect.type)).toEqual(['decided', 'alert'])
    const asked = after(
      [passed],
      closed,
      gated(() => true),
    )
    expect(
      transition(
        asked,
        no,
        gated(() => true),
      )[1].map((effect) => effect.type),
    ).toEqual(['decided'])
    expect(after([{ ...no, open: true, step: 2 }], at)).toBe(at)
    expect(after([{ ...no, open: true, epoch: 2 }], at)).toBe(at)
  })
})

describe('a pause', () => {
  it('holds the weight and stops the time, until resume', () => {
    const paused = after([{ type: 'pause', sinceMs: 20_000 }], atStep1)
    expect(paused).toMatchObject({ state: 'paused', weight: 10, elapsedInStepMs: 20_000 })
    const later = after([passed, passed], paused)
    expect(later).toMatchObject({ state: 'paused', weight: 10, elapsedInStepMs: 20_000 })
    expect(after([{ type: 'resume' }], later)).toMatchObject({
      state: 'progressing',
      elapsedInStepMs: 20_000,
      step: 1,
    })
  })

  it('until a wall time ends by itself at the first look from then on, however much time was counted', () => {
    const paused = after([{ type: 'pause', untilMs: NINE }], atStep1)
    const before = after([lookedAt(NINE - 1, 10 * 3_600_000)], paused)
    expect(before).toMatchObject({ state: 'paused', pause: { untilMs: NINE } })
    expect(after([lookedAt(NINE, 0)], before)).toMatchObject({
      state: 'progressing',
      step: 1,
      weight: 10,
      pause: null,
      elapsedInStepMs: 0,
    })
  })

  it('until a wall time goes on through the kill switch, which keeps it while it is thrown', () => {
    const off = after([{ type: 'pause', untilMs: NINE }, { type: 'disable' }, lookedAt(NINE + 1)], atStep1)
    expect(off).toMatchObject({ state: 'paused', enabled: false })
    expect(after([{ type: 'enable' }, lookedAt(NINE + 2)], off).state).toBe('progressing')
  })

  it.each([
    ['a shorter one after a longer one', { untilMs: NINE }, { untilMs: NINE - 1_000 }, NINE],
    ['a longer one after a shorter one', { untilMs: NINE - 1_000 }, { untilMs: NINE }, NINE],
    ['one with an end after one without', {}, { untilMs: NINE }, null],
    ['one without an end after one with', { untilMs: NINE }, {}, null],
  ] as const)('lasts as long as the longer of two: %s', (_, first, second, untilMs) => {
    const paused = after(
      [
        { type: 'pause', ...first },
        { type: 'pause', ...second },
      ],
      atStep1,
    )
    expect(paused.pause).toEqual({ from: 'progressing', untilMs })
    expect(after([lookedAt(NINE)], paused).state).toBe(untilMs === null ? 'paused' : 'progressing')
  })

  it('outlasts a demotion: the warm-up begins when the pause ends', () => {
    const demote = (state: RolloutState) => looked(state, 'fail', { response: 'demote' })
    const demoted = after([{ type: 'pause' }, demote], atStep2)
    expect(demoted).toMatchObject({ state: 'paused', step: 0, weight: 2, pause: { from: 'warming', untilMs: null } })
    expect(after([{ type: 'resume' }], demoted)).toMatchObject({ state: 'warming', step: 0 })
  })

  it.each([
    ['the warm-up', warmingUp, 'warming'],
    ['baking', baking, 'baking'],
  ])('of %s resumes where it was', (_, before, state) => {
    expect(after([{ type: 'pause' }, { type: 'resume' }], before)).toMatchObject({ state, weight: before.weight })
  })
})

describe('baking', () => {
  it('without a holdback needs no evidence, since there is no baseline left to compare with', () => {
    const alone = courseWith({ bake: { durationMs: 60_000, holdbackPercent: 0 } })
    const at100 = after([passed], atStep2, alone)
    expect(at100).toMatchObject({ state: 'baking', weight: 100 })
    expect(after([looked(at100, 'inconclusive')], at100, alone)).toMatchObject({ state: 'promoted', weight: 100 })
  })

  it('with a holdback keeps the baseline and needs evidence', () => {
    const held = resolveCourse({
      plan: linearPlan([10, 50, 100], { minDurationMs: 60_000, minRequests: 10 }),
      bake: { holdbackPercent: 5 },
    })
    const at95 = after([passed], atStep2, held)
    expect(at95).toMatchObject({ state: 'baking', weight: 95 })
    expect(after([looked(at95, 'inconclusive')], at95, held)).toMatchObject({
      state: 'baking',
      waitingFor: 'evidence',
    })
    expect(after([passed], at95, held)).toMatchObject({ state: 'promoted', weight: 100 })
  })

  it('with a holdback rolls back at once on harm, before its time is over, and by hand', () => {
    const harm = (state: RolloutState) => looked(state, 'fail', { sinceMs: 1_000, requests: 1 })
    expect(baking).toMatchObject({ state: 'baking', weight: 90, elapsedInStepMs: 0 })
    expect(after([harm], baking)).toMatchObject({ state: 'rolled-back', weight: 0 })
    expect(after([{ type: 'pause' }, harm], baking)).toMatchObject({ state: 'rolled-back', weight: 0 })
    expect(after([{ type: 'rollback' }], baking)).toMatchObject({ state: 'rolled-back', weight: 0 })
    expect(after([{ type: 'promote' }], baking)).toMatchObject({ state: 'promoted', weight: 100 })
  })

  it('of no duration is left out after a judged step, but never straight after the warm-up', () => {
    const without = courseWith({ bake: { durationMs: 0, holdbackPercent: 0 } })
    expect(after([passed], atStep2, without)).toMatchObject({ state: 'promoted', weight: 100 })
    const straight = after(
      [start, { type: 'rollback' }, { type: 'retry', fromStep: 3 }, warmed, passed],
      idleState,
      without,
    )
    expect(straight).toMatchObject({ state: 'baking', weight: 100 })
  })
})

describe("the operator's verbs", () => {
  it('promote goes one step on, whatever the evidence, also out of a pause', () => {
    expect(after([{ type: 'promote' }], atStep1)).toMatchObject({ step: 2, weight: 50 })
    expect(after([{ type: 'pause' }, { type: 'promote' }], atStep1)).toMatchObject({ state: 'progressing', step: 2 })
    expect(after([{ type: 'promote' }], baking)).toMatchObject({ state: 'promoted' })
  })

  it('promote full goes to 100 at once', () => {
    expect(after([{ type: 'promote', full: true }], atStep1)).toMatchObject({
      state: 'promoted',
      weight: 100,
      step: 3,
    })
  })

  it('retry begins a new epoch: the warm-up first, then the step that was asked for', () => {
    const again = after([{ type: 'rollback' }, { type: 'retry', fromStep: 2 }], atStep1)
    expect(again).toMatchObject({ state: 'warming', epoch: 2, step: 0, weight: 0, reason: null, demoted: false })
    expect(after([warmed, passed], again)).toMatchObject({ epoch: 2, step: 2, weight: 50 })
  })

  it('disable stands still: no time passes, nothing advances, and enable gives the weight back', () => {
    const off = after([{ type: 'disable', sinceMs: 10_000 }], atStep1)
    expect(off).toMatchObject({ enabled: false, weight: 10, elapsedInStepMs: 10_000 })
    const later = after([passed, passed, passed], { ...off, elapsedInStepMs: 60_000 })
    expect(later).toMatchObject({ enabled: false, step: 1, weight: 10, elapsedInStepMs: 60_000 })
    expect(after([{ type: 'enable' }], later)).toMatchObject({ enabled: true, step: 1, weight: 10 })
  })

  it('the kill switch outlives a retry, and twice off is off', () => {
    const off = after([{ type: 'disable' }, { type: 'rollback' }, { type: 'retry' }], atStep1)
    expect(off).toMatchObject({ state: 'warming', enabled: false })
    expect(transition(off, { type: 'disable' }, course)).toEqual([off, []])
  })
})

describe('a rollout that lasts too long', () => {
  const slow = (onStall: Course['onStall']) => courseWith({ maxDurationMs: 300_000, onStall })
  const stalled = (state: RolloutState) => looked(state, 'inconclusive', { sinceMs: 300_000 })

  it.each([
    ['alert', { state: 'progressing', weight: 10 }],
    ['pause', { state: 'paused', weight: 10 }],
    ['rollback', { state: 'rolled-back', weight: 0 }],
  ] as const)('with onStall %s', (onStall, expected) => {
    const [state, effects] = transition(atStep1, stalled(atStep1), slow(onStall))
    expect(state).toMatchObject(expected)
    expect(effects.filter((effect) => effect.type === 'alert')).toMatchObject([{ about: 'stall' }])
  })

  it('says so once', () => {
    const told = after([stalled], atStep1, slow('alert'))
    const [, effects] = transition(told, stalled(told), slow('alert'))
    expect(effects.filter((effect) => effect.type === 'alert')).toEqual([])
  })
})

describe('mode observe', () => {
  const observing = courseWith({ mode: 'observe' })

  it.each([
    ['advance', looked(atStep1, 'pass')],
    ['rollback', looked(atStep1, 'fail', { response: 'rollback' })],
    ['demote', looked(atStep1, 'fail', { response: 'demote' })],
    ['rollback', { type: 'tripped', epoch: 1 }],
  ] as const)('says %s and applies nothing', (action, event) => {
    const [state, effects] = transition(atStep1, event, observing)
    expect(state).toMatchObject({ state: 'progressing', step: 1, weight: 10 })
    expect(effects[0]).toMatchObject({ type: 'decided', action, applied: false })
  })

  it('leaves the verbs to the operator', () => {
    expect(after([{ type: 'promote' }], atStep1, observing)).toMatchObject({ step: 2, weight: 50 })
    expect(after([{ type: 'rollback' }], atStep1, observing)).toMatchObject({ state: 'rolled-back', weight: 0 })
  })

  it('alerts of the same demotion once', () => {
    const demote = (state: RolloutState) => looked(state, 'fail', { response: 'demote' })
    const told = after([demote], atStep1, observing)
    expect(transition(told, demote(told), observing)[1].map(({ type }) => type)).toEqual(['decided'])
  })
})
