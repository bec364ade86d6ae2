import { describe, expect, it } from 'vitest'
import { resolveCourse } from './course.js'
import { after, course, looked, passed } from './rollout.fixture.js'
import type { RolloutState } from './state.js'
import { transition } from './transition.js'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const atStep1 = after([{ type: 'start' }, { type: 'warmed' }, passed, passed])

/** What is said about one thing in looks a minute apart; `note` is what each of them finds, by its number. */
function saidIn(topic: string, minutes: number, note: (minute: number) => string | undefined, by = course) {
  const said: (readonly [hour: number, about: string, message: string])[] = []
  let state: RolloutState = atStep1
  for (let minute = 0; minute <= minutes; minute += 1) {
    const at = minute * MINUTE
    const found = note(minute)
    const look = {
      ...looked(state, 'inconclusive', { sinceMs: MINUTE }),
      at,
      ...(found !== undefined && { note: found }),
    }
    const [next, effects] = transition(state, look, by)
    for (const effect of effects)
      if (effect.type === 'alert' && effect.about === topic) said.push([at / HOUR, effect.about, effect.message])
    state = next
  }
  return said
}

describe('a margin that is out of reach', () => {
  it('is said again after 1 h, 6 h and 24 h while it is', () => {
    const said = saidIn('guardrails', 30 * 60, () => 'too narrow')
    expect(said.map(([hour, about]) => [hour, about])).toEqual([0, 1, 6, 24].map((hour) => [hour, 'guardrails']))
    expect(said[1]?.[2]).toBe('too narrow (for 60 min)')
  })

  it('is one alert with a count where it comes and goes', () => {
    const said = saidIn('guardrails', 70, (minute) => (minute % 2 === 0 ? 'too narrow' : undefined))
    expect(said).toEqual([
      [0, 'guardrails', 'too narrow'],
      [1, 'guardrails', 'too narrow (for 60 min, 31 times)'],
    ])
  })

  it('is not said again once it is not', () => {
    expect(saidIn('guardrails', 30 * 60, (minute) => (minute < 5 ? 'too narrow' : undefined))).toHaveLength(1)
  })
})

describe('a rollout that lasts too long', () => {
  const slow = (mode: 'enforce' | 'observe', onStall: 'alert' | 'pause' | 'rollback' = 'alert') =>
    resolveCourse({ plan: { steps: course.steps }, maxDurationMs: 10 * MINUTE, onStall, mode })

  it.each(['alert', 'pause'] as const)('is said again while it lasts, with onStall %s', (onStall) => {
    const said = saidIn('stall', 30 * 60, () => undefined, slow('enforce', onStall))
    const first = said[0]![0]
    expect(said.map(([hour]) => hour - first)).toEqual([0, 1, 6, 24].map((hour) => expect.closeTo(hour)))
    expect(said[1]?.[2]).toMatch(/^not promoted after \d+ s, waiting for \w+ \(for 60 min\)$/)
  })

  it('is said once where it was rolled back, and in mode observe', () => {
    for (const by of [slow('enforce', 'rollback'), slow('observe')]) {
      expect(saidIn('stall', 30 * 60, () => undefined, by)).toHaveLength(1)
    }
  })
})
