import { describe, expect, it } from 'vitest'
import { createCanary } from '../canary/create-canary.js'
import { createController } from './controller.js'
import { resolveRollout } from './controller-options.js'
import { resolveLogger } from './resolve-logger.js'

const resolve = (options: object = {}) =>
  resolveRollout({ name: 'sentiment', versions: { baseline: 'v1', canary: 'v2' }, ...options })

describe('a rollout without options', () => {
  it('is judged by evidence, on errors, mean latency, unanswered and rejected requests', () => {
    expect(resolve().judge.name).toBe('evidence')
    expect(resolve().guardrails.map(({ kind }) => kind)).toEqual([
      'errorRate',
      'latency',
      'unansweredRate',
      'rejectedRate',
    ])
  })

  it('keeps a hundred decisions, and two turns for a replay', () => {
    expect(resolve()).toMatchObject({ historySize: 100, replaySize: 2 })
  })

  it('refuses a negative replaySize', () => {
    expect(() => resolve({ replaySize: -1 })).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
  })
})

describe('first guesses', () => {
  it.each([
    [{ percentage: 10 }, 'did you mean "plan"?'],
    [{ guardrail: [] }, 'did you mean "guardrails"?'],
    [{ interval: 1_000 }, 'did you mean "intervalMs"?'],
    [{ timeoutMs: 1_000 }, 'it is an option of canary.models and of wrap'],
    [{ minRequests: 100 }, 'pass it to linearPlan'],
    [{ strategy: 'sticky' }, 'pass stickyStrategy({ salt }) or randomStrategy()'],
    [{ versions: undefined }, "as in versions: { baseline: 'v1', canary: 'v2' }, got undefined"],
    [{ guardrails: {} }, 'guardrails must be an array, as in guardrails: [errorRate()], got an object; see https://'],
    [{ guardrails: ['errorRate'] }, 'as in guardrails: [errorRate()], got "errorRate"'],
    [{ warmUp: false }, 'as in warmUp: { durationMs: 0 } for no warm-up, got false; see https://'],
    [{ bake: false }, 'as in bake: { durationMs: 0 } for none, got false'],
    [{ onSilence: 'hold' }, 'as in onSilence: { action: \'hold\' }, got "hold"'],
    [{ judge: {} }, 'judge must be an object with open, update, decide; open is missing'],
    [{ store: { load() {} } }, 'store must be an object with load, write, follow, close; write is missing'],
    [{ logger: console.log }, 'pass console, not console.log'],
    [{ plan: 10 }, 'pass weights such as [10, 50, 100]'],
    [{ versions: ['v1', 'v2'] }, "as in versions: { baseline: 'v1', canary: 'v2' }, got an array of 2; see https://"],
  ])('are answered with what is right: %o', (options, advice) => {
    const versions = { baseline: 'v1', canary: 'v2' }
    expect(() => createCanary({ name: 'sentiment', versions, ...(options as object) })).toThrow(advice)
  })

  it('of a canary and of a controller without options are answered with an example', () => {
    const versions = "versions: { baseline: 'v1', canary: 'v2' }"
    expect(() => createCanary(undefined as never)).toThrow(
      `as in createCanary({ name: 'sentiment', ${versions} }), got undefined; see https://`,
    )
    expect(() => createController(undefined as never)).toThrow(
      "as in createController({ name: 'sentiment', source, target }), got undefined",
    )
  })

  it('take console for a logger', () => {
    expect(resolveLogger(console)).toBe(console)
  })
})
