import type { Strategy } from '@model-canary/core'
import {
  type Canary,
  type CanaryOptions,
  createCanary,
  errorRate,
  exactStrategy,
  latency,
  linearPlan,
  thresholdJudge,
  unansweredRate,
  type Variant,
} from '@model-canary/core'
import { createController, type MetricsSource, memoryStore } from '@model-canary/core/controller'
import { type ManualClock, manualClock } from '@model-canary/testing'
import { describe, expect, it } from 'vitest'

/** A clock whose process can be stopped: time passes, but no timer runs. */
function stoppableClock(): ManualClock & { stop(ms: number): void } {
  const clock = manualClock()
  let stoppedMs = 0
  return {
    now: () => clock.now() + stoppedMs,
    elapsed: () => clock.elapsed() + stoppedMs,
    schedule: clock.schedule,
    advance: clock.advance,
    jump: clock.jump,
    get pending() {
      return clock.pending
    },
    stop(ms) {
      stoppedMs += ms
    },
  }
}

const always = (variant: Variant): Strategy => ({ name: variant, unit: 'request', pick: () => variant })

/** A canary that serves all requests. The baseline took 100 ms before, so that the overdue line is 1 s. */
async function stage(options: Partial<CanaryOptions<'v1' | 'v2'>> = {}, pastMs: number | null = 100) {
  const clock = stoppableClock()
  const canary = createCanary({
    name: 'answers',
    versions: { baseline: 'v1', canary: 'v2' },
    plan: linearPlan([50, 100], { minDurationMs: 86_400_000 }),
    strategy: always('canary'),
    guardrails: [unansweredRate()],
    warmUp: { durationMs: 0 },
    tripwire: false,
    clock,
    ...options,
  })
  if (pastMs !== null) answerBefore(canary, pastMs)
  await canary.start()
  await clock.advance(0)
  return { canary, clock }
}

/** A hundred answers of the baseline with this duration. */
const answerBefore = (canary: Canary, ms: number) => {
  for (let call = 0; call < 100; call++) canary.record({ variant: 'baseline', outcome: 'success', durationMs: ms })
}

const answersOf = (canary: Canary) => canary.counts().canary.answers

describe('a call is answered', () => {
  it('when its value settles, an error too', async () => {
    const { canary } = await stage()
    const predict = canary.wrap({
      baseline: async (_: boolean) => 'v1',
      canary: async (isFine: boolean) => {
        if (!isFine) throw new Error('broken')
        return 'v2'
      },
    })
    await predict(true)
    await predict(false).catch(() => {})
    expect(answersOf(canary)).toEqual({ decided: 2, unanswered: 0, ended: 0, leftEarly: 0 })
  })

  it('when the first chunk is given, however long the rest takes', async () => {
    const { canary, clock } = await stage()
    async function* speak(_?: unknown) {
      yield 'a'
      await new Promise(() => {})
    }
    const stream = canary.wrap({ baseline: speak, canary: speak })()
    await stream.next()
    expect(answersOf(canary)).toMatchObject({ decided: 1, unanswered: 0 })
    await clock.advance(60_000)
    expect(answersOf(canary)).toMatchObject({ decided: 1, unanswered: 0 })
    expect(canary.metrics().v2.inFlight).toBe(1)
  })

  it('when the headers of its response were sent, for one that is observed from outside', async () => {
    const { canary, clock } = await stage()
    let headersSent = false
    const flight = canary.begin({ isAnswered: () => headersSent })
    await clock.advance(500)
    headersSent = true
    await clock.advance(60_000)
    expect(answersOf(canary)).toMatchObject({ decided: 0 })
    flight.abort()
    expect(answersOf(canary)).toEqual({ decided: 1, unanswered: 0, ended: 0, leftEarly: 0 })
  })

  it('and is not a trial if it was rejected or ignored, or if its output was not read', async () => {
    const { canary, clock } = await stage()
    canary.begin().end({ outcome: 'rejected' })
    canary.begin().end({ outcome: 'ignored' })
    const unread = canary.begin()
    unread.park(true)
    await clock.advance(60_000)
    unread.abort()
    expect(answersOf(canary)).toEqual({ decided: 0, unanswered: 0, ended: 0, leftEarly: 0 })
    expect(canary.metrics().v2).toMatchObject({ abortedCount: 1 })
  })

  it('and time in which no output was requested does not make a call late', async () => {
    const { canary, clock } = await stage()
    const flight = canary.begin()
    await clock.advance(600)
    flight.park(true)
    await clock.advance(60_000)
    flight.park(false)
    await clock.advance(300)
    expect(answersOf(canary).decided).toBe(0)
    await clock.advance(700)
    expect(answersOf(canary)).toMatchObject({ decided: 1, unanswered: 1 })
  })
})

describe('a call is unanswered', () => {
  it('when it is past the line and the loop has turned since; its answer comes too late', async () => {
    const { canary, clock } = await stage()
    const flight = canary.begin()
    await clock.advance(1_000)
    expect(answersOf(canary).decided).toBe(0)
    await clock.advance(500)
    expect(answersOf(canary)).toEqual({ decided: 1, unanswered: 1, ended: 0, leftEarly: 0 })
    flight.end()
    expect(answersOf(canary)).toEqual({ decided: 1, unanswered: 1, ended: 0, leftEarly: 0 })
    expect(canary.metrics().v2).toMatchObject({ successCount: 1, unansweredCount: 1, unansweredRate: 1 })
  })

  it('when its first chunk comes after the line and its reader leaves: late, not lost', async () => {
    const { canary, clock } = await stage()
    const flight = canary.begin()
    await clock.advance(2_000)
    flight.markAnswered()
    flight.abort()
    expect(answersOf(canary)).toEqual({ decided: 1, unanswered: 1, ended: 0, leftEarly: 0 })
  })

  it('when its client leaves later than the baseline’s p95; an earlier departure is shown but is not evidence', async () => {
    const { canary, clock } = await stage()
    const [early, late] = [canary.begin(), canary.begin()]
    await clock.advance(90)
    early.abort()
    expect(answersOf(canary)).toEqual({ decided: 0, unanswered: 0, ended: 0, leftEarly: 1 })
    await clock.advance(20)
    late.abort()
    expect(answersOf(canary)).toEqual({ decided: 1, unanswered: 1, ended: 1, leftEarly: 1 })
    expect(canary.metrics().v2).toMatchObject({ abortedCount: 2, unansweredCount: 1, unansweredRate: 1 })
  })

  it('once, when calls of one key or one socket end so within a second', async () => {
    const { canary, clock } = await stage()
    const socket = {}
    const calls = [
      ...[1, 2, 3].map(() => canary.begin({ key: 'ann' })),
      ...['bob', 'cleo'].map((key) => canary.begin({ key, socket })),
      ...[1, 2].map(() => canary.begin()),
      ...[1, 2].map(() => canary.begin({ key: '' })),
    ]
    await clock.advance(500)
    for (const call of calls) call.abort()
    expect(answersOf(canary)).toEqual({ decided: 6, unanswered: 6, ended: 6, leftEarly: 0 }) // ann, the socket, four strangers
    const again = canary.begin({ key: 'ann' })
    await clock.advance(1_000)
    again.abort()
    expect(answersOf(canary).decided).toBe(7)
  })

  it('by the canary, when the baseline had to answer in its place', async () => {
    const { canary, clock } = await stage()
    const predict = canary.wrap(
      { baseline: async () => 'v1', canary: () => new Promise<string>(() => {}) },
      { timeoutMs: 500, fallback: true },
    )
    const answer = predict()
    await clock.advance(500)
    expect(await answer).toBe('v1')
    expect(answersOf(canary)).toEqual({ decided: 1, unanswered: 1, ended: 1, leftEarly: 0 })
    expect(canary.counts().baseline.answers.unanswered).toBe(0)
  })

  it('by its timeout, if the line is later', async () => {
    const { canary, clock } = await stage({ guardrails: [unansweredRate({ afterMs: 5_000 })] })
    const predict = canary.wrap(
      { baseline: async () => 'v1', canary: () => new Promise<string>(() => {}) },
      { timeoutMs: 500 },
    )
    const failed = predict().catch((error: unknown) => error)
    await clock.advance(500)
    expect(await failed).toMatchObject({ code: 'MODEL_TIMEOUT' })
    expect(answersOf(canary)).toMatchObject({ decided: 1, unanswered: 1 })
  })

  it('only for time in which the process could have answered: time while it was stopped does not count', async () => {
    const { canary, clock } = await stage()
    const flight = canary.begin()
    await clock.advance(100)
    clock.stop(60_000) // SIGSTOP, in the first 250 ms of this process's first call
    await clock.advance(650)
    expect(answersOf(canary).decided).toBe(0)
    clock.stop(3_600_000)
    await clock.advance(200)
    flight.end()
    expect(answersOf(canary)).toEqual({ decided: 1, unanswered: 0, ended: 0, leftEarly: 0 })
    canary.begin()
    await clock.advance(1_500)
    expect(answersOf(canary)).toMatchObject({ decided: 2, unanswered: 1 })
  })

  it('not if its client left while the process was stopped, and had waited for less before', async () => {
    const { canary, clock } = await stage({}, 400)
    const [left, stayed] = [canary.begin(), canary.begin()]
    clock.stop(60_000)
    left.abort()
    expect(answersOf(canary)).toMatchObject({ decided: 0, leftEarly: 1 })
    await clock.advance(250)
    await clock.advance(250)
    stayed.abort()
    expect(answersOf(canary)).toMatchObject({ decided: 1, unanswered: 1, leftEarly: 1 })
  })

  it('never because of a value that a caller passed in and that throws', async () => {
    const { canary, clock } = await stage()
    const hostile = () => {
      throw new Error('no such thing')
    }
    const request = Object.defineProperties({}, { socket: { get: hostile }, isAnswered: { value: hostile } })
    const flight = canary.begin(request)
    await clock.advance(2_000)
    expect(() => flight.expire(new Error('late'))).not.toThrow()
    const second = canary.begin(request)
    await clock.advance(500)
    expect(() => second.abort()).not.toThrow()
    expect(answersOf(canary)).toMatchObject({ decided: 2, unanswered: 2 })
    expect(canary.status().internalErrors).toHaveProperty('OBSERVER_FAILED')
  })
})

describe('the line', () => {
  const lineOf = async (canary: Canary, clock: ManualClock, upTo: number): Promise<number | undefined> => {
    const before = answersOf(canary).decided
    canary.begin()
    for (let ms = 250; ms <= upTo; ms += 250) {
      await clock.advance(250)
      if (answersOf(canary).decided > before) return ms
    }
    return undefined
  }
  /** A call is marked by the second sweep after the line, at the latest. */
  const expectLine = async (world: { canary: Canary; clock: ManualClock }, ms: number) => {
    const found = await lineOf(world.canary, world.clock, 2 * ms)
    expect(found).toBeGreaterThan(ms)
    expect(found).toBeLessThanOrEqual(1.02 * ms + 500)
  }

  it('is 10 s without a history, from the first call on and for this rollout', async () => {
    const world = await stage({}, null)
    await expectLine(world, 10_000)
    answerBefore(world.canary, 100)
    await world.clock.advance(60_000)
    await expectLine(world, 10_000)
  })

  it('is ten times the p99 of the history, with room for the accepted latency', async () => {
    await expectLine(await stage({}, 500), 5_000)
    await expectLine(await stage({ guardrails: [unansweredRate(), latency({ marginMs: 3_000 })] }, 500), 10_500)
    await expectLine(await stage({ guardrails: [unansweredRate({ afterMs: 700 }), latency()] }, 500), 700)
  })

  it('is fixed when the rollout begins', async () => {
    const world = await stage({}, 500)
    answerBefore(world.canary, 20_000)
    await world.clock.advance(20_000)
    await expectLine(world, 5_000)
  })

  it('is the same after a restart, and so is the age below which a departure is not evidence', async () => {
    const store = memoryStore()
    const first = await stage({ store }, 500)
    await first.canary.close()
    const second = await stage({ store }, null)
    expect(second.canary.status().step).toBe(1)
    await expectLine(second, 5_000)
    const [early, late] = [second.canary.begin(), second.canary.begin()]
    await second.clock.advance(480)
    early.abort()
    await second.clock.advance(40)
    late.abort()
    expect(answersOf(second.canary)).toMatchObject({ leftEarly: 1, ended: 1 })
  })
})

/** What becomes of each call of a version: answered at once, lost for ever, or lost at once. */
type Fate = 'answered' | 'hangs' | 'times out'

interface Drive {
  readonly seconds: number
  readonly perSecond?: number
  readonly baseline?: (call: number) => Fate
  readonly canary: (call: number) => Fate
  /** Whether to go on. */
  readonly until?: () => boolean
}

const everyNth =
  (n: number, fate: Fate) =>
  (call: number): Fate =>
    call % n === 0 ? fate : 'answered'
const fine = (): Fate => 'answered'

const judged = { guardrails: [errorRate(), unansweredRate()], judge: thresholdJudge({ minSamples: 50 }) }

const rollout = async (
  options: Partial<CanaryOptions<'v1' | 'v2'>> = {},
  judging: Partial<typeof judged> = judged,
  isNew = true,
) => {
  const clock = manualClock()
  const canary = createCanary({
    name: 'rollout',
    versions: { baseline: 'v1', canary: 'v2' },
    plan: linearPlan([50, 100], { minDurationMs: 30_000, minRequests: 50 }),
    strategy: exactStrategy(),
    warmUp: { durationMs: 0 },
    bake: { durationMs: 600_000 },
    tripwire: false,
    clock,
    ...judging,
    ...options,
  })
  const calls = { baseline: 0, canary: 0 }
  const drive = async ({ seconds, perSecond = 20, baseline = fine, canary: fateOf, until = () => true }: Drive) => {
    for (let second = 0; second < seconds && until(); second++) {
      for (let call = 0; call < perSecond; call++) {
        const flight = canary.begin()
        const { variant } = flight
        calls[variant] += 1
        const fate = (variant === 'canary' ? fateOf : baseline)(calls[variant])
        if (fate === 'answered') flight.end()
        if (fate === 'times out') flight.expire(new Error('late'))
      }
      await clock.advance(1_000)
    }
    return canary.status()
  }
  const isLive = () => canary.status().state !== 'rolled-back'
  if (isNew) answerBefore(canary, 100)
  await canary.start()
  await clock.advance(0)
  const toBake = async () => {
    const status = await drive({ seconds: 200, canary: fine, until: () => canary.status().state !== 'baking' })
    expect(status).toMatchObject({ state: 'baking', weight: 100 })
  }
  return { canary, clock, calls, drive, isLive, toBake }
}

describe('a rollout', () => {
  it('is rolled back if calls hang, with unanswered requests as the reason', async () => {
    const { canary, drive, isLive } = await rollout()
    const status = await drive({ seconds: 120, canary: everyNth(5, 'hangs'), until: isLive })
    expect(status).toMatchObject({ state: 'rolled-back', weight: 0 })
    expect(status.reason).toContain('unanswered')
    expect(canary.explain()).toContain('unanswered')
    expect(status.checks.find(({ guardrail }) => guardrail === 'unansweredRate')).toMatchObject({
      outcome: 'breached',
      reason: expect.stringContaining('rate of unanswered requests'),
    })
    expect(canary.metrics().v2).toMatchObject({ unansweredRate: expect.closeTo(0.2, 1) })
  })

  it('is promoted if equally many calls of both arms hang', async () => {
    const hang = everyNth(50, 'hangs')
    const { canary, drive } = await rollout({ bake: { durationMs: 60_000 } })
    const status = await drive({
      seconds: 400,
      baseline: hang,
      canary: hang,
      until: () => canary.status().state !== 'promoted',
    })
    expect(status).toMatchObject({ state: 'promoted', weight: 100 })
  })

  it('is rolled back by the default guardrails of the default judge as well', async () => {
    const { drive, isLive } = await rollout({}, {})
    const status = await drive({ seconds: 240, canary: everyNth(2, 'times out'), until: isLive })
    expect(status).toMatchObject({ state: 'rolled-back' })
  })

  it('is watched while it is paused', async () => {
    const { canary, drive, isLive } = await rollout()
    await canary.pause()
    const status = await drive({ seconds: 120, canary: everyNth(2, 'hangs'), until: isLive })
    expect(status).toMatchObject({ state: 'rolled-back', weight: 0 })
  })

  it('is only reported in mode `observe`', async () => {
    const { canary, drive } = await rollout({ mode: 'observe' })
    const said: string[] = []
    canary.on('decision', ({ action, applied }) => said.push(`${action} ${applied}`))
    const status = await drive({ seconds: 120, canary: everyNth(2, 'hangs') })
    expect(status.state).not.toBe('rolled-back')
    expect(status.weight).toBe(50)
    expect(said).toContain('rollback false')
  })

  it('holds with severity `hold`, and continues with `observe`', async () => {
    const states = ['hold', 'observe'] as const
    const ends = states.map(async (severity) => {
      const { drive } = await rollout({ guardrails: [errorRate(), unansweredRate({ severity })] })
      return drive({ seconds: 120, canary: everyNth(10, 'hangs') })
    })
    const [held, observed] = await Promise.all(ends)
    expect(held).toMatchObject({ state: 'progressing', weight: 50 })
    expect(observed).toMatchObject({ state: 'baking', weight: 100 })
  })

  it('is rolled back beyond an absolute limit, whatever the baseline does', async () => {
    const hang = everyNth(5, 'hangs')
    const { drive, isLive } = await rollout({ guardrails: [errorRate(), unansweredRate({ margin: 0.5, limit: 0.1 })] })
    const status = await drive({ seconds: 120, baseline: hang, canary: hang, until: isLive })
    expect(status).toMatchObject({ state: 'rolled-back' })
  })
})

describe('a canary that serves all traffic', () => {
  it('is rolled back within a minute of the first call that hangs', async () => {
    const { drive, isLive, toBake, calls } = await rollout()
    await toBake()
    const before = calls.canary
    const status = await drive({ seconds: 120, canary: () => 'hangs', until: isLive })
    expect(status).toMatchObject({ state: 'rolled-back', weight: 0 })
    expect(status.reason).toMatch(/brought their callers nothing/)
    expect(calls.canary - before).toBeLessThan(60 * 20)
  })

  it('is rolled back if one call in five hangs, also while it is paused', async () => {
    const { canary, drive, isLive, toBake } = await rollout()
    await toBake()
    await canary.pause()
    expect(await drive({ seconds: 120, canary: everyNth(5, 'hangs'), until: isLive })).toMatchObject({
      state: 'rolled-back',
    })
  })

  it('is not rolled back for calls that both versions lose', async () => {
    const lose = everyNth(100, 'hangs')
    const { drive, canary } = await rollout({ bake: { durationMs: 300_000 } })
    const status = await drive({
      seconds: 700,
      baseline: lose,
      canary: lose,
      until: () => canary.status().state !== 'promoted',
    })
    expect(status).toMatchObject({ state: 'promoted' })
  })

  it('is not judged by fewer than 50 decided calls', async () => {
    const { drive, isLive, toBake, calls } = await rollout()
    await toBake()
    const before = calls.canary
    for (let call = 0; call < 99; call++) await drive({ seconds: 1, perSecond: 1, canary: () => 'hangs' })
    expect(isLive()).toBe(true)
    await drive({ seconds: 30, perSecond: 1, canary: () => 'hangs', until: isLive })
    expect(isLive()).toBe(false)
    expect(calls.canary - before).toBeGreaterThanOrEqual(100)
  })

  it('is only reported in mode `observe`', async () => {
    const { canary, drive } = await rollout({ mode: 'observe' })
    await drive({ seconds: 40, canary: fine })
    await canary.promote()
    expect(canary.status()).toMatchObject({ state: 'baking', weight: 100 })
    const said: string[] = []
    canary.on('decision', ({ action, applied }) => said.push(`${action} ${applied}`))
    expect(await drive({ seconds: 120, canary: () => 'hangs' })).toMatchObject({ state: 'baking', weight: 100 })
    expect(said).toContain('rollback false')
  })

  it('is compared with the baseline from before this process was started', async () => {
    const store = memoryStore()
    const first = await rollout({ store })
    await first.toBake()
    await first.canary.close()
    const second = await rollout({ store }, judged, false)
    expect(second.canary.status()).toMatchObject({ state: 'baking', weight: 100 })
    const status = await second.drive({ seconds: 120, canary: everyNth(5, 'hangs'), until: second.isLive })
    expect(status).toMatchObject({ state: 'rolled-back', weight: 0 })
  })
})

describe('a source that does not report unanswered requests', () => {
  const make = (guardrails?: CanaryOptions['guardrails']) => {
    const clock = manualClock()
    const source: MetricsSource = { supports: ['errorRate', 'latency', 'tailLatency'], read: async () => 'no-data' }
    const controller = createController({
      name: 'elsewhere',
      source,
      target: { apply: async () => {} },
      clock,
      ...(guardrails === undefined ? {} : { guardrails }),
    })
    const alerts: { about: string; message: string }[] = []
    controller.on('alert', (alert) => alerts.push(alert))
    return { controller, clock, alerts: () => alerts.filter(({ about }) => about === 'guardrails') }
  }

  it('is judged without that guardrail, and reports this in the status and once at the start', async () => {
    const { controller, clock, alerts } = make()
    expect(controller.status().leftOut).toContain('unansweredRate')
    expect(alerts()).toEqual([])
    await controller.start()
    await clock.advance(600_000)
    expect(alerts()).toHaveLength(1)
    expect(alerts()[0]!.message).toContain('unansweredRate')
    await controller.rollback({ reason: 'enough' })
    await controller.retry()
    expect(alerts()).toHaveLength(2)
    await controller.close()
  })

  it('is refused if that guardrail was named', () => {
    expect(() => make([errorRate(), unansweredRate()])).toThrow(/^\[GUARDRAIL_NEEDS\] "unansweredRate"/)
    expect(make([errorRate()]).controller.status().leftOut).toEqual([])
  })
})

it('names the invalid options of the line', () => {
  for (const afterMs of [0, -1, Number.NaN]) {
    expect(() =>
      createCanary({
        name: 'a',
        versions: { baseline: 'v1', canary: 'v2' },
        guardrails: [unansweredRate({ afterMs })],
      }),
    ).toThrow(/^\[INVALID_OPTION\]/)
  }
})
