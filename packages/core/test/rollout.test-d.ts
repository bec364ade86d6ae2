import { describe, expectTypeOf, it } from 'vitest'
import {
  type Controller,
  createController,
  type HistoryOptions,
  type LatestDecision,
  type MetricsSource,
  memoryStore,
  type Target,
  transition,
} from '../src/controller.js'
import {
  type Assignment,
  type Canary,
  createCanary,
  type Decision,
  hold,
  type LinearPlanOptions,
  linearPlan,
  type Plan,
  type RolloutStateName,
  type Status,
  type VersionMetrics,
} from '../src/index.js'
import type { Judge, Verdict } from '../src/judge.js'

const name = 'sentiment'
const versions = { baseline: 'v1', canary: 'v2' } as const

describe('createCanary', () => {
  it('infers the versions', () => {
    const canary = createCanary({ name, versions: { baseline: 'v1', canary: 'v2' } })
    expectTypeOf(canary).toEqualTypeOf<Canary<'v1' | 'v2'>>()
    expectTypeOf(canary.assign()).toEqualTypeOf<Assignment<'v1' | 'v2'>>()
    expectTypeOf(canary.begin().version).toEqualTypeOf<'v1' | 'v2'>()
  })

  it('keys the metrics by version', () => {
    const metrics = createCanary({ name, versions }).metrics({ window: { lastMs: 60_000 } })
    expectTypeOf(metrics).toEqualTypeOf<Readonly<Record<'v1' | 'v2', VersionMetrics>>>()
    expectTypeOf(metrics.v2.p95LatencyMs).toEqualTypeOf<number | null>()
    // @ts-expect-error there is no third version
    metrics.v3
  })

  it('has the history apart from the status', () => {
    const canary = createCanary({ name, versions })
    expectTypeOf(canary.history).toEqualTypeOf<(options?: HistoryOptions) => Promise<readonly Decision[]>>()
    expectTypeOf(canary.history).toEqualTypeOf<Controller['history']>()
    expectTypeOf(canary.status().lastDecision).toEqualTypeOf<LatestDecision | null>()
    expectTypeOf<'history'>().not.toExtend<keyof Status>()
    void canary.history({ before: undefined, limit: 10 })
    // @ts-expect-error pages are asked for by the sequence of a decision, not by its time
    void canary.history({ before: new Date() })
  })

  it('refuses a wrong window, a missing name and a misspelt option', () => {
    // @ts-expect-error no such window
    createCanary({ name, versions }).metrics({ window: 'today' })
    // @ts-expect-error a rollout has a name
    createCanary({ versions })
    // @ts-expect-error there is no such option
    createCanary({ name, versions, guardrail: [] })
    // @ts-expect-error there is no such mode
    createCanary({ name, versions, mode: 'dry-run' })
  })
})

describe('linearPlan', () => {
  it('takes numbers and options that exist', () => {
    linearPlan([10, 50, 100], { minDurationMs: 1, minRequests: 1, gate: async ({ signal }) => !signal.aborted })
    // @ts-expect-error weights are numbers
    linearPlan(['10', '100'])
    // @ts-expect-error durations are in milliseconds
    linearPlan([100], { minDuration: '1m' })
    // @ts-expect-error a gate is 'manual' or a function
    linearPlan([100], { gate: 'automatic' })
    // @ts-expect-error a gate returns a boolean
    linearPlan([100], { gate: () => 'yes' })
    expectTypeOf<LinearPlanOptions['gate']>().extract<string>().toEqualTypeOf<'manual'>()
  })

  it('stands behind a list of weights, and beside hold', () => {
    const weights: readonly number[] = [10, 50, 100]
    createCanary({ name, versions, plan: [10, 50, 100] })
    createCanary({ name, versions, plan: weights })
    createCanary({ name, versions, plan: hold(10) })
    expectTypeOf(hold(10)).toEqualTypeOf<Plan>()
    // @ts-expect-error a plan is a list of weights, or hold(10)
    createCanary({ name, versions, plan: 10 })
    // @ts-expect-error weights are numbers
    createCanary({ name, versions, plan: ['10', '100'] })
    // @ts-expect-error hold takes one weight
    hold([10])
    // @ts-expect-error a step has a time and requests
    createCanary({ name, versions, plan: { steps: [{ weight: 100 }] } })
  })
})

describe('a verdict', () => {
  it('is one of four kinds, and asks for one of three things', () => {
    expectTypeOf<Verdict['kind']>().toEqualTypeOf<'pass' | 'fail' | 'inconclusive' | 'error'>()
    expectTypeOf<NonNullable<Verdict['response']>>().toEqualTypeOf<'rollback' | 'demote' | 'hold'>()
  })

  it('of another kind is refused from a judge', () => {
    const judge: Judge<null> = {
      name: 'mine',
      open: () => null,
      update: () => null,
      // @ts-expect-error 'maybe' is no verdict
      decide: (_, { epoch, step }) => ({ kind: 'maybe', epoch, step, checks: [] }),
    }
    expectTypeOf(judge.name).toBeString()
  })
})

describe('a rollout', () => {
  it('is in one of seven states', () => {
    expectTypeOf<RolloutStateName>().toEqualTypeOf<
      'idle' | 'warming' | 'progressing' | 'paused' | 'baking' | 'promoted' | 'rolled-back'
    >()
    expectTypeOf<Status['state']>().toEqualTypeOf<RolloutStateName>()
  })

  it('takes known events only', () => {
    // @ts-expect-error there is no such event
    transition({} as never, { type: 'explode' }, {} as never)
    // @ts-expect-error a gate's answer says of which epoch and step
    transition({} as never, { type: 'gate', open: true }, {} as never)
  })
})

describe('createController', () => {
  const source: MetricsSource = { read: async () => 'no-data' }
  const target: Target = { apply: async () => {} }

  it('needs a source and a target, and resolves to a status', () => {
    const controller = createController({ name, source, target, store: memoryStore() })
    expectTypeOf(controller.run()).resolves.toEqualTypeOf<Status>()
    expectTypeOf(controller.promote({ full: true, actor: 'ada', expectedStep: 2 })).resolves.toEqualTypeOf<Status>()
    // @ts-expect-error a controller moves a target
    createController({ name, source })
    // @ts-expect-error 'nothing' is not what a source answers
    createController({ name, target, source: { read: async () => 'nothing' } })
    // @ts-expect-error verbs take no unknown option
    controller.pause({ forMs: 1_000 })
  })

  it('types what is listened to by the name of the event', () => {
    const controller = createController({ name, source, target })
    controller.on('decision', ({ action, applied }) => {
      expectTypeOf(action).extract<'hold'>().toEqualTypeOf<'hold'>()
      expectTypeOf(applied).toBeBoolean()
    })
    // @ts-expect-error there is no such event
    controller.on('finished', () => {})
  })
})
