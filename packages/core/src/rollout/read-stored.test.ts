import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CanaryError } from '../foundation/errors.js'
import { errorRate } from '../guardrails/kinds/error-rate.js'
import { thresholdJudge } from '../judging/threshold-judge.js'
import { analyze } from './analyze.js'
import { readStored } from './read-stored.js'
import { change, takeUp } from './record.js'
import { after, counted, course, looked, passed, stored } from './rollout.fixture.js'
import type { StoredRollout } from './stored-rollout.js'

const bench = { judge: thresholdJudge({ minSamples: 10 }), guardrails: [errorRate({ margin: 0.02 })], course }
const options = { bench, config: 'c', historySize: 50, replaySize: 5, maxStoredBytes: 262_144, calibrate: () => ({}) }
const step1 = after([{ type: 'start' }, { type: 'warmed' }, passed])
const own = stored()

/** A rollout with every member: paused in step 1, after a look, with owed messages and a past. */
function whole(): StoredRollout {
  const begun = stored({ state: step1, revision: 6, savedAt: 5, openedAt: 4 })
  const analysis = analyze(begun, counted(30), 15_000, bench)
  const event = looked(step1, 'pass', { sinceMs: 15_000, requests: 30 })
  const seen = change(begun, event, { at: 10, actor: 'judge', analysis }, options)!.next
  const { next } = change(seen, { type: 'pause', untilMs: 99 }, { at: 11, actor: 'anna' }, options)!
  const owed = { id: '1-6', at: 11, epoch: 1, versions: next.versions, state: 'paused', weight: 10, step: 1 } as const
  return {
    ...next,
    state: { ...next.state, alerts: { stall: { at: 1, lastAt: 2, said: 1, count: 1, isOn: true } } },
    answered: {
      baseline: { decided: 9, unanswered: 1, ended: 1, leftEarly: 0 },
      bake: { before: 0.1, ms: 5, decided: 1, unanswered: 0, inARow: 0, openedAt: 4 },
    },
    calibration: { answered: { decided: 9, unanswered: 1, ended: 1, leftEarly: 0 }, unit: 'key' },
    outbox: [{ ...owed, news: { type: 'step', event: { epoch: 1, from: 0, to: 1, weight: 10 } } }],
    pasts: [{ version: 'v1', judge: 'evidence', at: 3, windows: 20, learned: { any: 1 } }],
    truncated: true,
  }
}

type Json = Record<string, unknown>
const inJson = (value: unknown): Json => JSON.parse(JSON.stringify(value))

/** Returns the document with another value at a path, such as `state.weight`. */
function withValue(path: string, value: unknown, document: unknown = whole()): Json {
  const copy = inJson(document)
  const names = path.split('.')
  const last = names.pop()!
  const parent = names.reduce((part, name) => part[name] as Json, copy)
  parent[last] = value
  return copy
}

const taken = (document: unknown): StoredRollout => takeUp(document as StoredRollout, own)

describe('a stored rollout', () => {
  it('is read as it was written, with the number of its schema', () => {
    expect(whole().schema).toBe(1)
    expect(readStored(inJson(whole()))).toEqual(whole())
    expect(taken(inJson(whole()))).toEqual(whole())
  })

  it('of a higher schema is refused, whatever else is in it, because a newer release stored it', () => {
    const message = expect.stringContaining('a newer release stored it')
    for (const document of [withValue('schema', 2), { schema: 7 }]) {
      expect(() => taken(document)).toThrow(expect.objectContaining({ code: 'INVALID_STATE', message }))
    }
  })

  it.each([
    ['schema', undefined],
    ['schema', 0],
    ['schema', '1'],
    ['name', 'x'.repeat(65)],
    ['versions.canary', 7],
    ['versions.baseline', ''],
    ['weights', 100],
    ['weights', []],
    ['weights.1', 101],
    ['revision', '7'],
    ['state.state', 'shadowing'],
    ['state.epoch', -1],
    ['state.epoch', 1.5],
    ['state.step', 4],
    ['state.step', null],
    ['state.weight', 250],
    ['state.weight', -1],
    ['state.weight', null],
    ['state.enabled', 'no'],
    ['state.switches', 1.5],
    ['state.pause', null],
    ['state.pause.from', 'promoted'],
    ['state.pause.untilMs', 'tomorrow'],
    ['guardrails', 'all'],
    ['guardrails', undefined],
  ])('is refused if %s is %j, and the error names it', (path, value) => {
    const [name] = path.split(/\.\d|\.from|\.untilMs/)
    const message = expect.stringContaining(name!)
    expect(() => taken(withValue(path, value))).toThrow(expect.objectContaining({ code: 'INVALID_STATE', message }))
  })

  it.each([
    ['history', null, 'history', []],
    ['history', [null, 7, 'x', {}], 'history', []],
    ['history.0.at', 'noon', 'history', whole().history.slice(1)],
    ['history.0.sequence', null, 'history', whole().history.slice(1)],
    ['history.0.now.state', 'shadowing', 'history', whole().history.slice(1)],
    ['history.0.verdict.checks', 7, 'history.0.verdict', null],
    ['turns', {}, 'turns', []],
    ['turns.0.blocks', null, 'turns', []],
    ['turns.0.context', 'x', 'turns', []],
    ['checks', null, 'checks', []],
    ['checks.0.samples', null, 'checks', []],
    ['outbox', 'x', 'outbox', undefined],
    ['outbox.0.versions', null, 'outbox', undefined],
    ['outbox.0.news.type', 'gossip', 'outbox', undefined],
    ['outbox.0.weight', 250, 'outbox', undefined],
    ['pasts', 7, 'pasts', undefined],
    ['pasts.0.windows', null, 'pasts', undefined],
    ['truncated', 'x', 'truncated', undefined],
    ['answered', null, 'answered', undefined],
    ['answered.baseline.decided', 'x', 'answered', undefined],
    ['answered.bake.before', null, 'answered', undefined],
    ['calibration', null, 'calibration', {}],
    ['calibration.unit', 'user', 'calibration', { answered: whole().calibration.answered }],
    ['calibration.answered', 7, 'calibration', { unit: 'key' }],
    ['calibration.answers', { overdueMs: 'x', patienceMs: null }, 'calibration', whole().calibration],
    ['savedAt', 'x', 'savedAt', 0],
    ['state.elapsedMs', null, 'state.elapsedMs', 0],
    ['state.elapsedInStepMs', -1, 'state.elapsedInStepMs', 0],
    ['state.waitingFor', 'luck', 'state.waitingFor', null],
    ['state.requests', null, 'state.requests', { baseline: 0, canary: 0 }],
    ['state.firstStep', 9, 'state.firstStep', 1],
    ['state.demoted', 1, 'state.demoted', false],
    ['state.alerts', null, 'state.alerts', {}],
    ['state.alerts.stall', null, 'state.alerts', {}],
    ['state.arrivals.lastMs', 'x', 'state.arrivals.lastMs', 0],
    ['state.hasServed', 1, 'state.hasServed', false],
    ['state.lookMs', null, 'state.lookMs', 0],
    ['state.stalled', 'x', 'state.stalled', false],
    ['state.reason', 'x', 'state.reason', null],
  ])('is taken up without harm if %s is %j', (path, value, name, expected) => {
    const read = readStored(withValue(path, value))
    const member = name.split('.').reduce<unknown>((part, key) => (part as Json)[key], read)
    expect(member).toEqual(expected)
    expect({ ...read.state, ...{ alerts: 0, arrivals: 0 } }).toMatchObject({ state: 'paused', weight: 10, step: 1 })
  })

  it.each([
    ['cumulative', 7],
    ['cumulative.canary', null],
    ['cumulative.canary.begun', 'many'],
    ['cumulative.canary.latencyBins', [null]],
    ['cumulative.canary.answers', 7],
    ['openedAt', 'x'],
    ['openedAt', undefined],
  ])('whose %s is %j is judged anew in its step, so that the same requests are not counted twice', (path, value) => {
    const { cumulative, evidence, state } = readStored(withValue(path, value))
    expect([cumulative, evidence, state.requests]).toEqual([null, null, { baseline: 0, canary: 0 }])
  })

  it('that has ended has a reason', () => {
    const ended = stored({ state: after([{ type: 'rollback', reason: 'slow' }], step1) })
    expect(readStored(inJson(ended)).state.reason).toBe('slow')
    expect(readStored(withValue('state.reason', 7, ended)).state.reason).toBe('')
  })

  it('keeps members that this release does not know', () => {
    expect(readStored(withValue('later', { a: 1 }))).toMatchObject({ later: { a: 1 } })
    expect(readStored(withValue('state.later', 5)).state).toMatchObject({ later: 5 })
  })
})

describe('the reader', () => {
  const paths = (value: unknown, prefix = ''): string[] =>
    typeof value === 'object' && value !== null
      ? Object.entries(value).flatMap(([name, part]) => [`${prefix}${name}`, ...paths(part, `${prefix}${name}.`)])
      : []

  const damaged = fc
    .array(fc.tuple(fc.constantFrom(...paths(inJson(whole()))), fc.jsonValue()), { minLength: 1, maxLength: 4 })
    .map((changes) =>
      changes.reduce((document, [path, value]) => {
        try {
          return withValue(path, value, document)
        } catch {
          return document // an earlier change took the parent away
        }
      }, inJson(whole())),
    )

  it('returns of any JSON what it reads again as the same, or throws INVALID_STATE', () => {
    let read = 0
    fc.assert(
      fc.property(fc.oneof({ weight: 1, arbitrary: fc.jsonValue() }, { weight: 9, arbitrary: damaged }), (document) => {
        try {
          const once = readStored(document)
          read += 1
          expect(readStored(inJson(once))).toEqual(inJson(once))
          taken(document)
        } catch (error) {
          if (!(error instanceof CanaryError)) throw error
          expect(error.code).toBe('INVALID_STATE')
        }
      }),
      { numRuns: 1_000, seed: 82 },
    )
    expect(read).toBeGreaterThan(300)
  })
})
