import { describe, expect, it } from 'vitest'
import type { CanaryErrorCode } from '../foundation/errors.js'
import type { RolloutEvent } from '../rollout/event.js'
import { idleState, type RolloutState } from '../rollout/state.js'
import { createVerbs, refuseVerb, resolveVerb, type Verb } from './verbs.js'

const NOW = 1_000_000

/** The event that a verb makes. */
async function eventOf(
  ask: (verbs: ReturnType<typeof createVerbs>) => Promise<unknown>,
): Promise<RolloutEvent | undefined> {
  let made: RolloutEvent | undefined
  const verbs = createVerbs(
    async (_verb, _options, event) => {
      made = event
      return undefined as never
    },
    3,
    () => NOW,
  )
  await ask(verbs)
  return made
}

const state = (name: RolloutState['state'], step = 2) => ({ ...idleState, state: name, step, epoch: 1 }) as RolloutState
const code = (expected: CanaryErrorCode) => expect.objectContaining({ code: expected })

describe('the verbs', () => {
  it('keep the wall time at which a pause ends', async () => {
    const untilMs = NOW + 365 * 86_400_000
    expect(await eventOf((verbs) => verbs.pause({ untilMs: NOW + 1 }))).toEqual({ type: 'pause', untilMs: NOW + 1 })
    expect(await eventOf((verbs) => verbs.pause({ untilMs }))).toEqual({ type: 'pause', untilMs })
    expect(await eventOf((verbs) => verbs.pause())).toEqual({ type: 'pause' })
  })

  it('retry from the first step where none is named', async () => {
    expect(await eventOf((verbs) => verbs.retry())).toEqual({ type: 'retry', fromStep: 1 })
  })

  it.each<[what: string, ask: (verbs: ReturnType<typeof createVerbs>) => Promise<unknown>]>([
    ['a pause until NaN', (verbs) => verbs.pause({ untilMs: Number.NaN })],
    ['a pause until a time that is over', (verbs) => verbs.pause({ untilMs: NOW - 1 })],
    ['a pause until now', (verbs) => verbs.pause({ untilMs: NOW })],
    ['a pause that was meant in seconds', (verbs) => verbs.pause({ untilMs: 5 })],
    ['a pause of more than a year', (verbs) => verbs.pause({ untilMs: NOW + 366 * 86_400_000 })],
    ['a pause without end, written as a number', (verbs) => verbs.pause({ untilMs: Number.POSITIVE_INFINITY })],
    ['a pause until a date', (verbs) => verbs.pause({ untilMs: new Date(NOW + 5_000) as unknown as number })],
    ['a pause until null', (verbs) => verbs.pause({ untilMs: null as unknown as number })],
    ['a retry from step 0', (verbs) => verbs.retry({ fromStep: 0 })],
    ['a retry from a step that the plan lacks', (verbs) => verbs.retry({ fromStep: 4 })],
    ['a retry from half a step', (verbs) => verbs.retry({ fromStep: 1.5 })],
    ['a full that is no boolean', (verbs) => verbs.promote({ full: 'no' as unknown as boolean })],
  ])('refuse %s', async (_, ask) => {
    await expect(eventOf(ask)).rejects.toEqual(code('INVALID_OPTION'))
  })
})

describe('resolveVerb', () => {
  it.each([
    ['pause', 'actor, reason, expectedStep, idempotencyKey, untilMs; see'],
    ['promote', 'actor, reason, expectedStep, idempotencyKey, full; see'],
    ['retry', 'actor, reason, expectedStep, idempotencyKey, fromStep; see'],
    ['resume', 'actor, reason, expectedStep, idempotencyKey; see'],
  ] as const)('lists the options of %s if one is unknown', (verb, known) => {
    expect(() => resolveVerb(verb, { because: 'x' } as object, 3)).toThrow(`it knows ${known}`)
  })

  it('has the actor operator by default, and cuts a long reason', () => {
    expect(resolveVerb('pause', {}, 3)).toEqual({ actor: 'operator' })
    expect(resolveVerb('pause', { reason: 'x'.repeat(600) }, 3).reason).toHaveLength(500)
  })

  it.each<[what: string, options: unknown, code: CanaryErrorCode]>([
    ['an unknown option', { because: 'x' }, 'UNKNOWN_OPTION'],
    ['a reason that is no text', { reason: 7 }, 'INVALID_OPTION'],
    ['a step beyond the plan', { expectedStep: 4 }, 'INVALID_OPTION'],
    ['a step of NaN', { expectedStep: Number.NaN }, 'INVALID_OPTION'],
    ['an actor without a name', { actor: '' }, 'INVALID_NAME'],
    ['an actor called __proto__', { actor: '__proto__' }, 'INVALID_NAME'],
  ])('refuses %s', (_, options, expected) => {
    expect(() => resolveVerb('pause', options as object, 3)).toThrow(code(expected))
  })
})

describe('refuseVerb', () => {
  it.each<[verb: Verb, name: RolloutState['state'], code: CanaryErrorCode]>([
    ['pause', 'idle', 'NOT_STARTED'],
    ['promote', 'idle', 'NOT_STARTED'],
    ['rollback', 'idle', 'NOT_STARTED'],
    ['retry', 'idle', 'NOT_STARTED'],
    ['retry', 'progressing', 'STILL_LIVE'],
    ['retry', 'paused', 'STILL_LIVE'],
    ['pause', 'rolled-back', 'TERMINAL'],
    ['resume', 'promoted', 'TERMINAL'],
    ['promote', 'rolled-back', 'TERMINAL'],
    ['rollback', 'rolled-back', 'TERMINAL'],
    ['pause', 'promoted', 'TERMINAL'],
  ])('refuses %s while %s', (verb, name, expected) => {
    expect(() => refuseVerb(verb, state(name), undefined)).toThrow(code(expected))
  })

  it.each<[verb: Verb, name: RolloutState['state']]>([
    ['start', 'idle'],
    ['start', 'rolled-back'],
    ['retry', 'rolled-back'],
    ['retry', 'promoted'],
    ['promote', 'warming'],
    ['rollback', 'baking'],
    ['rollback', 'promoted'],
    ['disable', 'idle'],
    ['enable', 'promoted'],
  ])('allows %s while %s', (verb, name) => {
    expect(() => refuseVerb(verb, state(name), undefined)).not.toThrow()
  })

  it('refuses an approval of step 2 at step 3, for promote and disable', () => {
    expect(() => refuseVerb('promote', state('progressing', 3), 2)).toThrow(code('STEP_MOVED'))
    expect(() => refuseVerb('disable', state('progressing', 3), 2)).toThrow(code('STEP_MOVED'))
    expect(() => refuseVerb('promote', state('progressing', 2), 2)).not.toThrow()
  })
})
